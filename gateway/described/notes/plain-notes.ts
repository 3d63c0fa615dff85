/** Ranking and counting: paths that several makers' clients and engines share. Errors have OpenAI's shape. */
import { z } from 'zod'
import { rerankSchema } from '../../rerank/rerank-request.ts'
import { detokenizeSchema, llamaSchema, messagesSchema, promptSchema } from '../../tokens/tokens-request.ts'
import { rankedDocuments, toldTokens } from './answers.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const asking = { family: 'openai', access: 'user', asks: true } as const satisfies Partial<RouteNote>

const ranking: RouteNote = {
  ...asking,
  summary: 'Documents by how well they answer a question, best first',
  body: rerankSchema,
  answer: rankedDocuments,
}

export const PLAIN_NOTES: RouteNotes = {
  'POST /v1/rerank': ranking,
  'POST /rerank': ranking,
  'POST /v2/rerank': ranking,
  'POST /tokenize': {
    ...asking,
    summary: "The tokens of a text or a conversation, in llama-server's words or vLLM's",
    body: z.union([llamaSchema, promptSchema, messagesSchema]),
    answer: toldTokens,
  },
  'POST /detokenize': {
    ...asking,
    summary: 'The text of tokens',
    body: detokenizeSchema,
    answer: z.looseObject({ content: z.string(), prompt: z.string() }),
  },
}
