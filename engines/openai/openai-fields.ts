/** Where engines that speak OpenAI's API put text, reasoning and errors: not always where the others do. */
import { asObject, contentText, type JsonObject, objectsOf } from '../http/json-shape.ts'

/** What a choice of a piece, or of a whole answer, holds: the delta, or the message, or nothing but text. */
export function deltaOf(choice: JsonObject): JsonObject {
  return asObject(choice['delta']) ?? asObject(choice['message']) ?? { content: choice['text'] }
}

/** The text of a delta. A refusal is what the model says. */
export function textIn(delta: JsonObject): string {
  const text = contentText(delta['content'])
  return text === '' ? firstText(delta['refusal']) : text
}

/** What a delta holds of the model's thinking. */
export function reasoningIn(delta: JsonObject): string {
  const { content } = delta
  const reasoning = firstText(delta['reasoning_content'], delta['reasoning'], delta['thinking'])
  return reasoning !== '' || !Array.isArray(content) ? reasoning : thoughtParts(content)
}

function thoughtParts(content: unknown): string {
  return objectsOf(content)
    .map((part) => part['thinking'] ?? part['reasoning'])
    .map((thought) => (typeof thought === 'string' ? thought : contentText(thought)))
    .join('')
}

function firstText(...candidates: readonly unknown[]): string {
  return candidates.find((value): value is string => typeof value === 'string' && value !== '') ?? ''
}

/** A piece of llama.cpp's own pages, as a piece of a completion; others as they are. */
export function asCompletion(chunk: JsonObject): JsonObject {
  if (chunk['choices'] !== undefined || typeof chunk['content'] !== 'string') return chunk
  const { content, stop, stop_type: why, tokens_evaluated: prompt, tokens_predicted: written } = chunk
  const finish = why === 'limit' ? 'length' : 'stop'
  return {
    ...chunk,
    choices: [{ text: content, finish_reason: stop === true ? finish : null }],
    ...(stop === true && { usage: { prompt_tokens: prompt, completion_tokens: written } }),
  }
}

/** Whether the field `error` of a piece, or of a choice, says something. */
export function isError(error: unknown): boolean {
  return error !== undefined && error !== null && error !== false && error !== ''
}

const ERROR_FIELDS = ['error', 'error_message', 'message', 'detail', 'errors', 'msg'] as const

/** Whether a piece tells of a failure, in one of the shapes that servers have for it. */
export function isFailure(chunk: JsonObject): boolean {
  if (isError(chunk['error'])) return true
  if (chunk['object'] === 'error') return true
  return !Array.isArray(chunk['choices']) && ERROR_FIELDS.some((field) => Boolean(chunk[field]))
}
