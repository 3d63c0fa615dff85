/** Counts what reading a JSON text would make, before it is made: one pass over the bytes, which keeps nothing. */

const QUOTE = 0x22
const COMMA = 0x2c
const LIST = 0x5b
const BACKSLASH = 0x5c
const OBJECT = 0x7b

/**
 * Whether the JSON text in `bytes` may hold more than `most` values: objects, lists and what stands in them. Of text
 * that is no JSON the answer means nothing.
 */
export function hasMoreValues(bytes: Uint8Array, most: number): boolean {
  let values = 1
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at)
    else if (byte === COMMA || byte === LIST || byte === OBJECT) {
      values += 1
      if (values > most) return true
    }
    at += 1
  }
  return false
}

/** Bytes of a text that are looked at one by one before its end is searched for: short ones are not worth a search. */
const LOOKED_AT = 64

/** Where the text that begins at `start` has its closing quote; past the end when there is none. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start + 1
  for (;;) {
    const until = Math.min(at + LOOKED_AT, bytes.length)
    while (at < until) {
      const byte = bytes[at]
      if (byte === QUOTE) return at
      at += byte === BACKSLASH ? 2 : 1
    }
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) return bytes.length
    if (!isEscaped(bytes, quote, at)) return quote
    at = quote + 1
  }
}

/** Whether an odd number of backslashes stands before `at`, none of them before `from`. */
function isEscaped(bytes: Uint8Array, at: number, from: number): boolean {
  let first = at
  while (first > from && bytes[first - 1] === BACKSLASH) first -= 1
  return (at - first) % 2 === 1
}
