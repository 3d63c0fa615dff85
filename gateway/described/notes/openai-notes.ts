/** OpenAI's paths. */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_REFERENCES } from '../../../core/query/query-limits.ts'
import { batchesQuery } from '../../openai/batches/batch-routes.ts'
import { batchSchema } from '../../openai/batches/batch-schema.ts'
import { chatSchema } from '../../openai/chat/chat-schema.ts'
import { completionsSchema } from '../../openai/completions/completions-request.ts'
import { embeddingsSchema } from '../../openai/embeddings/embeddings-request.ts'
import { filesQuery } from '../../openai/files/file-routes.ts'
import { uploadSchema } from '../../openai/files/file-upload.ts'
import { editsFormSchema } from '../../openai/images/edits-route.ts'
import { imagesSchema } from '../../openai/images/images-route.ts'
import { responseSchema } from '../../openai/responses/asked/response-schema.ts'
import { inputItemsQuery, storedQuery } from '../../openai/responses/stored-routes.ts'
import {
  chatCompletion,
  completion,
  embeddingList,
  keptBatch,
  keptFile,
  listOf,
  openAiModel,
  openAiModels,
  pictureList,
  storedResponse,
} from './answers.ts'
import type { RouteNote, RouteNotes } from './route-note.ts'

const own = { family: 'openai', access: 'user' } as const
const asking = { ...own, asks: true, stream: 'text/event-stream' } as const satisfies Partial<RouteNote>

export const OPENAI_NOTES: RouteNotes = {
  'GET /v1/models': { ...own, summary: 'Every model within reach', answer: openAiModels },
  'GET /v1/models/*': { ...own, summary: 'One model, whose name may hold slashes', answer: openAiModel },
  'POST /v1/chat/completions': {
    ...asking,
    summary: 'An answer to a conversation',
    body: chatSchema,
    answer: chatCompletion,
  },
  'POST /v1/completions': { ...asking, summary: 'A text gone on with', body: completionsSchema, answer: completion },
  'POST /v1/embeddings': {
    ...own,
    asks: true,
    summary: 'Vectors of texts',
    body: embeddingsSchema,
    answer: embeddingList,
  },
  'POST /v1/images/generations': {
    ...asking,
    summary: 'Pictures of a prompt',
    body: imagesSchema,
    answer: pictureList,
  },
  'POST /v1/images/edits': {
    ...asking,
    summary:
      'Pictures that begin with those of the client, under a mask where it sends one; also as JSON, with data: URLs',
    form: true,
    body: editsFormSchema.extend({
      image: boundedList(z.string().meta({ format: 'binary' }), { min: 1, max: MAX_REFERENCES + 1 }),
      mask: z.string().meta({ format: 'binary' }).nullish(),
    }),
    answer: pictureList,
  },
  'POST /v1/responses': {
    ...asking,
    summary: 'An answer as items, kept to be gone on with; as a WebSocket too, one message for each response',
    body: responseSchema,
    answer: storedResponse,
  },
  'GET /v1/responses/:id': {
    ...own,
    summary: 'A response again, its stream too',
    query: storedQuery,
    answer: storedResponse,
    stream: 'text/event-stream',
  },
  'POST /v1/responses/input_tokens': { ...own, asks: true, summary: 'The tokens of a request', body: responseSchema },
  'POST /v1/responses/compact': {
    ...own,
    asks: true,
    summary: 'A conversation made short, as one item',
    body: responseSchema,
  },
  'DELETE /v1/responses/:id': { ...own, summary: 'Forgets a response' },
  'POST /v1/responses/:id/cancel': { ...own, summary: 'Ends a response in the background', answer: storedResponse },
  'POST /v1/files': { ...own, summary: 'A file that is kept', form: true, body: uploadSchema, answer: keptFile },
  'GET /v1/files': { ...own, summary: 'The files of the user', query: filesQuery, answer: listOf(keptFile) },
  'GET /v1/files/:id': { ...own, summary: 'What is known of a file', answer: keptFile },
  'GET /v1/files/:id/content': {
    ...own,
    summary: 'What stands in a file',
    answerType: 'application/octet-stream',
  },
  'DELETE /v1/files/:id': { ...own, summary: 'Forgets a file' },
  'POST /v1/batches': {
    ...own,
    summary: 'A file of requests, answered when rigs have nothing else to do',
    body: batchSchema,
    answer: keptBatch,
  },
  'GET /v1/batches': { ...own, summary: 'The batches of the user', query: batchesQuery, answer: listOf(keptBatch) },
  'GET /v1/batches/:id': { ...own, summary: 'How a batch stands', answer: keptBatch },
  'POST /v1/batches/:id/cancel': { ...own, summary: 'Ends a batch', answer: keptBatch },
  'GET /v1/responses/:id/input_items': { ...own, summary: 'What a response was made of', query: inputItemsQuery },
}
