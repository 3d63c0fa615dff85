/** What a query needs of a model beyond its type, and how large it is: read from the body once, used by workers and router alike. */
import type { ChatBody, ContentPart, Query } from './query.ts'

/** Absent means not needed. */
export interface QueryNeeds {
  readonly vision?: true
  readonly tools?: true
  /** An answer that follows a JSON schema. */
  readonly structured?: true
  /** The answer goes on from a given start. */
  readonly prefill?: true
}

/** Characters per token of ordinary text, rounded down so that the estimate errs on the safe side. */
const CHARACTERS_PER_TOKEN = 4

/** Tokens that an image takes in common vision models (576 to 1,500 and more); a middle value. */
const TOKENS_PER_IMAGE = 800

/** Length assumed of an answer whose limit the client did not give. */
const DEFAULT_ANSWER_TOKENS = 256

function parts(body: ChatBody): readonly ContentPart[] {
  return body.messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
}

/** Whether any message holds an image. */
export function hasImages(body: ChatBody): boolean {
  return body.messages.some(({ content }) => typeof content !== 'string' && content.some((part) => part.type === 'image'))
}

/** What the query needs of a model. */
export function queryNeeds(query: Query): QueryNeeds {
  if (query.type === 'imagine' || query.type === 'embed') return {}
  const { body } = query
  return {
    ...(hasImages(body) ? { vision: true } : {}),
    ...(body.tools !== undefined && body.tools.length > 0 ? { tools: true } : {}),
    ...(body.responseFormat?.type === 'json_schema' ? { structured: true } : {}),
    ...(body.prefill === undefined || body.prefill === '' ? {} : { prefill: true }),
  }
}

function textLength(body: ChatBody): number {
  let length = body.prefill?.length ?? 0
  for (const { content } of body.messages) if (typeof content === 'string') length += content.length
  for (const part of parts(body)) if (part.type === 'text') length += part.text.length
  return length
}

/** Estimated tokens of the prompt; 0 for images to be drawn. */
export function estimatePromptTokens(query: Query): number {
  if (query.type === 'imagine') return 0
  if (query.type === 'embed') {
    return Math.ceil(query.body.inputs.reduce((sum, input) => sum + input.length, 0) / CHARACTERS_PER_TOKEN)
  }
  const images = hasImages(query.body) ? parts(query.body).filter((part) => part.type === 'image').length : 0
  return Math.ceil(textLength(query.body) / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE
}

/** Estimated length of the answer: tokens of a chat, images of an `imagine`, vectors of an `embed`. */
export function estimateAnswerUnits(query: Query): number {
  if (query.type === 'imagine') return query.body.count ?? 1
  if (query.type === 'embed') return query.body.inputs.length
  return query.body.sampling?.maxTokens ?? DEFAULT_ANSWER_TOKENS
}
