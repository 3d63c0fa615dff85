/**
 * What every stub engine answers: a pure function of model, conversation and seed, so that two stubs of different kinds
 * say the same and a continued answer can be compared byte for byte with an unbroken one.
 */
import { createHash } from 'node:crypto'

/** A conversation without the wire format around it. */
export interface StubMessage {
  readonly role: string
  readonly text: string
  readonly images: number
}

export interface StubQuestion {
  readonly model: string
  readonly messages: readonly StubMessage[]
  readonly seed: number
}

/** Words of one to four bytes per character, so that a careless split of the stream shows. */
const WORDS =
  'the rig answers über naïve café tokens от машины 日本 語の 🚀 ∑ and streams “quoted” words — slowly, Łódź ends. graph 🧊 mesh'.split(
    ' ',
  )

/** Splits a conversation into what was asked and the start of the answer, if its last message is an assistant's. */
export function splitPrefill(messages: readonly StubMessage[]): { asked: readonly StubMessage[]; prefill: string } {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return { asked: messages, prefill: '' }
  return { asked: messages.slice(0, -1), prefill: last.text }
}

/** The whole answer, token by token. */
export function stubTokens({ model, messages, seed }: StubQuestion, count: number): readonly string[] {
  const digest = createHash('sha256')
    .update(JSON.stringify([model, messages, seed]))
    .digest()
  return Array.from({ length: count }, (_, i) => {
    const word = WORDS[((digest[i % digest.length] ?? 0) + i * 7) % WORDS.length] ?? ''
    return i === 0 ? word : ` ${word}`
  })
}

/**
 * The tokens that follow `prefill`; the rest of a half token comes as a token of its own. A start that is not ours is
 * simply left standing.
 */
export function tokensAfter(tokens: readonly string[], prefill: string): readonly string[] {
  const whole = tokens.join('')
  if (!whole.startsWith(prefill)) return tokens
  let skip = prefill.length
  return tokens.flatMap((token) => {
    const rest = token.slice(skip)
    skip = Math.max(0, skip - token.length)
    return rest === '' ? [] : rest
  })
}

/** An answer that follows a JSON schema, or any object without one. */
export function structuredAnswer(schema: unknown): string {
  const { properties = {} } = (schema ?? {}) as { properties?: Record<string, { type?: string }> }
  const values: Record<string, unknown> = {
    string: 'café 🚀',
    number: 1.5,
    integer: 7,
    boolean: true,
    array: [],
    object: {},
  }
  const filled = Object.entries(properties).map(([key, { type }]) => [key, values[type ?? 'string'] ?? null])
  return JSON.stringify(Object.fromEntries(filled))
}

/** A vector of length one, by hash. */
export function stubVector(text: string, dimensions = 8): readonly number[] {
  const digest = createHash('sha256').update(text).digest()
  const raw = Array.from({ length: dimensions }, (_, i) => (digest[i % digest.length] ?? 0) - 127.5)
  const length = Math.hypot(...raw)
  return raw.map((value) => value / length)
}
