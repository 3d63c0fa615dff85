/**
 * The body of a rerank request, in the words that Jina, Cohere (both versions), llama-server and vLLM share, and in
 * those that only some of them have.
 */
import { z } from 'zod'
import { BadField } from '../../core/check-value.ts'
import { boundedList } from '../../core/json/bounded-list.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { assertTextFits } from '../../core/query/prompt-size.ts'
import type { RerankBody } from '../../core/query/query.ts'
import { MAX_DOCUMENTS } from '../../core/query/query-limits.ts'

/** Fields of a document that are ranked: Cohere's examples have three. */
export const MAX_RANK_FIELDS = 64

const document = z.union([z.string(), z.record(z.string(), z.unknown())], {
  error: 'expected a text, or an object with a text',
})

export const rerankSchema = z.object({
  model: z.string().max(MAX_MODEL_NAME_LENGTH).nullish(),
  query: z.union([z.string(), z.object({ text: z.string() })], { error: 'expected a text' }),
  documents: boundedList(document, { min: 1, max: MAX_DOCUMENTS }),
  /** vLLM's 0 stands for all. */
  top_n: z.number().int().min(0).nullish(),
  return_documents: z.boolean().nullish(),
  /** llama-server's word for the same. */
  return_text: z.boolean().nullish(),
  /** Of Cohere's first version: which fields of a document count. */
  rank_fields: boundedList(z.string(), { max: MAX_RANK_FIELDS }).nullish(),
})

export type RerankRequest = z.infer<typeof rerankSchema>
export type RerankDocument = RerankRequest['documents'][number]

/** Throws `BadField` for a document without a text, and `PROMPT_TOO_LARGE`. */
export function toRerankBody({ query, documents, top_n: topN, rank_fields: fields }: RerankRequest): RerankBody {
  const text = typeof query === 'string' ? query : query.text
  const texts = documents.map((each, index) => textOf(each, fields ?? [], `documents[${index}]`))
  assertTextFits([text, ...texts])
  const most = topN == null || topN === 0 ? texts.length : Math.min(topN, texts.length)
  return { query: text, documents: texts, ...(most < texts.length && { topN: most }) }
}

/** The named fields, one on a line, in their order; without names its text. */
function textOf(document: RerankDocument, fields: readonly string[], param: string): string {
  if (typeof document === 'string') return document
  const named = fields.filter((field) => Object.hasOwn(document, field))
  if (named.length > 0) return named.map((field) => `${field}: ${shown(document[field])}`).join('\n')
  const { text } = document
  if (typeof text === 'string') return text
  const fix = 'send texts, or objects with a field text (or rank_fields)'
  throw new BadField(`${param}.text`, 'expected a text', { fix })
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
