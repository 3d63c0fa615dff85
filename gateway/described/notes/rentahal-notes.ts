/** RENT-A-HAL's paths: those of its host, of its workers, as which this node may serve, and of hosts to each other. */
import { z } from 'zod'
import { advertiseSchema, joinSchema, routeSchema } from '../../federation/federation-bodies.ts'
import { txt2imgSchema } from '../../rentahal/drawing/txt2img-request.ts'
import { rentAHalQuerySchema } from '../../rentahal/query/query-schema.ts'
import { predictSchema } from '../../rentahal/rest/predict-route.ts'
import { drawnPictures } from './answers.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const own = { family: 'rentahal', access: 'user' } as const satisfies Partial<RouteNote>

const page: RouteNote = { family: 'rentahal', access: 'open', summary: 'A page of the owner', answerType: 'text/html' }

const query = { ...own, asks: true, body: rentAHalQuerySchema, answer: z.string() } as const

export const RENTAHAL_NOTES: RouteNotes = {
  'POST /api/vision': { ...query, summary: 'What a picture shows' },
  'POST /api/imagine': { ...query, summary: 'A picture of a text, as base64' },
  'POST /api/whisper': { ...query, summary: 'What is said in a recording' },
  'POST /api/bark': { ...query, summary: 'A text as speech, WAV as base64' },
  'POST /predict': {
    ...own,
    asks: true,
    summary: 'What a host asks of a worker of its own',
    body: predictSchema,
    answer: z.object({ response: z.string() }),
  },
  'POST /sdapi/v1/txt2img': {
    ...own,
    asks: true,
    summary: "Pictures of a text, in Automatic1111's words",
    body: txt2imgSchema,
    answer: drawnPictures,
  },
  'GET /sdapi/v1/sd-models': { ...own, summary: 'Models that draw' },
  'GET /rentahal': page,
  'GET /rentahal/*': page,
  'GET /static/*': { ...page, summary: 'What the page consists of' },
  'GET /sdapi/v1/progress': { ...own, summary: 'Whether anything is drawn' },
}

const of = { family: 'federation' } as const satisfies Partial<RouteNote>

/** Failures too come with status 200, as an `error`. */
const routed = z.object({
  status: z.string().optional(),
  result: z.string().optional(),
  result_type: z.string().optional(),
  federation_id: z.string().optional(),
  error: z.string().optional(),
  code: z.string().optional(),
})

/** What HTTP hosts of other federations ask. */
export const FEDERATION_NOTES: RouteNotes = {
  'GET /api/federation/status': {
    ...of,
    access: 'host-or-user',
    summary: 'Realms, workers and models of this federation',
  },
  'POST /api/federation/join': { ...of, access: 'open', summary: 'A host says who it is', body: joinSchema },
  'POST /api/federation/advertise': {
    ...of,
    access: 'open',
    summary: 'A host says what it serves',
    body: advertiseSchema,
  },
  'GET /api/federation/discover': { ...of, access: 'host', summary: 'The other hosts, as they told of themselves' },
  'POST /api/federation/route': {
    ...of,
    access: 'host',
    summary: 'A query of a host',
    body: routeSchema,
    answer: routed,
    stream: 'application/x-ndjson',
  },
}
