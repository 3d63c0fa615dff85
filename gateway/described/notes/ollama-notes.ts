/** Ollama's paths. */
import { z } from 'zod'
import { ollamaChatSchema } from '../../ollama/chat/chat-schema.ts'
import { generateSchema } from '../../ollama/chat/generate-request.ts'
import { embedSchema, singleEmbedSchema } from '../../ollama/embed-routes.ts'
import { showSchema } from '../../ollama/models/model-routes.ts'
import { rentAHalQuerySchema } from '../../rentahal/query/query-schema.ts'
import { ollamaChatAnswer, ollamaModels, ollamaTextAnswer } from './answers.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const own = { family: 'ollama', access: 'user' } as const
const asking = { ...own, asks: true, stream: 'application/x-ndjson' } as const satisfies Partial<RouteNote>

const refused = (summary: string): RouteNote => ({ ...own, summary, refuses: 501 })

export const OLLAMA_NOTES: RouteNotes = {
  'GET /': { ...own, access: 'open', summary: 'What programs for Ollama look for', answerType: 'text/plain' },
  'GET /api/version': { ...own, summary: 'The version of Ollama whose API this is' },
  'GET /api/tags': { ...own, summary: 'Every model within reach', answer: ollamaModels },
  'GET /api/ps': { ...own, summary: 'Models that a rig has in memory', answer: ollamaModels },
  'POST /api/show': { ...own, summary: 'One model', body: showSchema },
  'POST /api/chat': {
    ...asking,
    summary: "An answer to a conversation; or to RENT-A-HAL's query, as a bare text",
    body: z.union([ollamaChatSchema, rentAHalQuerySchema]),
    answer: z.union([ollamaChatAnswer, z.string()]),
  },
  'POST /api/generate': { ...asking, summary: 'An answer to a prompt', body: generateSchema, answer: ollamaTextAnswer },
  'POST /api/embed': { ...own, asks: true, summary: 'Vectors of texts', body: embedSchema },
  'POST /api/embeddings': {
    ...own,
    asks: true,
    summary: 'The vector of a text, as older programs ask',
    body: singleEmbedSchema,
  },
  'POST /api/pull': refused('Models are not pulled through the mesh'),
  'POST /api/push': refused('Models are not pushed through the mesh'),
  'POST /api/create': refused('Models are not created through the mesh'),
  'POST /api/copy': refused('Models are not copied through the mesh'),
  'DELETE /api/delete': refused('Models are not deleted through the mesh'),
  'POST /api/blobs/:digest': refused('No files are kept here'),
  'GET /api/blobs/:digest': refused('No files are kept here'),
}
