/** What HTTP hosts of other federations ask. */
import { z } from 'zod'
import { advertiseSchema, joinSchema, routeSchema } from '../../federation/federation-bodies.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

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
