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
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfText(bytes, at)
    else if (byte === COMMA || byte === LIST || byte === OBJECT) {
      values += 1
      if (values > most) return true
    }
  }
  return false
}

/** Where the text that begins at `start` has its closing quote; the end of all when there is none. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let from = start + 1; ; ) {
    const quote = bytes.indexOf(QUOTE, from)
    if (quote < 0) return bytes.length
    let escapes = quote
    while (bytes[escapes - 1] === BACKSLASH) escapes -= 1
    if ((quote - escapes) % 2 === 0) return quote
    from = quote + 1
  }
}
