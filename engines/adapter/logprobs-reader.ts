/**
 * Probabilities in the three shapes that engines have for them: OpenAI's of chats, that of its older completions, and
 * Ollama's.
 */
import { defined } from '../../core/defined.ts'
import { type LikelyToken, logprobOf, MAX_TOP_LOGPROBS, type TokenLogprob } from '../../core/query/logprobs.ts'
import { asArray, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'

/** A token's longest list of bytes: tokens are words, or runs of white space. */
const MAX_TOKEN_BYTES = 512

/** The probabilities of a piece; empty when it has none. */
export function readLogprobs(value: unknown): readonly TokenLogprob[] {
  if (Array.isArray(value)) return objectsOf(value).map(tokenOf) // Ollama
  const logprobs = asObject(value)
  if (logprobs === undefined) return []
  return Array.isArray(logprobs['content']) ? objectsOf(logprobs['content']).map(tokenOf) : olderTokens(logprobs)
}

function tokenOf(entry: JsonObject): TokenLogprob {
  return { ...candidate(entry), top: objectsOf(entry['top_logprobs']).slice(0, MAX_TOP_LOGPROBS).map(candidate) }
}

function candidate(entry: JsonObject): LikelyToken {
  return {
    token: asString(entry['token']) ?? '',
    logprob: logprobOf(entry['logprob']),
    ...defined({ bytes: bytesOf(entry['bytes']) }),
  }
}

function bytesOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_TOKEN_BYTES) return undefined
  const bytes: readonly unknown[] = value
  return bytes.every((byte): byte is number => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) < 256)
    ? bytes
    : undefined
}

/** Lists side by side, and the alternatives as an object. */
function olderTokens(logprobs: JsonObject): readonly TokenLogprob[] {
  const values = asArray(logprobs['token_logprobs'])
  const tops = asArray(logprobs['top_logprobs'])
  return asArray(logprobs['tokens']).map((token, at) => ({
    token: asString(token) ?? '',
    logprob: logprobOf(values[at]),
    top: Object.entries(asObject(tops[at]) ?? {})
      .slice(0, MAX_TOP_LOGPROBS)
      .map(([text, logprob]) => ({ token: text, logprob: logprobOf(logprob) })),
  }))
}
