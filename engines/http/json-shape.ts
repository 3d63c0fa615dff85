/**
 * Reading what engines send without trusting its shape: each function gives the value when it has the type, otherwise
 * undefined.
 */

export type JsonObject = Readonly<Record<string, unknown>>

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
}

/** The array, or an empty one. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The objects of an array; what is not an object is left out. */
export function objectsOf(value: unknown): readonly JsonObject[] {
  return asArray(value)
    .map(asObject)
    .filter((item) => item !== undefined)
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** What a count may be at most: it fits 32 bits on the wire. */
const LARGEST_COUNT = 0xffff_ffff

/** A count of tokens or the like, whole; undefined for what is no number or less than none. */
export function asCount(value: unknown): number | undefined {
  const number = asNumber(value)
  return number === undefined || number < 0 ? undefined : Math.min(Math.round(number), LARGEST_COUNT)
}

/** The strings of an array. */
export function stringsOf(value: unknown): readonly string[] {
  return asArray(value).filter((item): item is string => typeof item === 'string')
}

/** Content as text, as one part, or as a list of them, as Mistral's thinking models have it. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(partText).join('')
  return asObject(content) === undefined ? '' : partText(content)
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part
  const fields = asObject(part)
  return asString(fields?.['text']) || asString(fields?.['refusal']) || ''
}
