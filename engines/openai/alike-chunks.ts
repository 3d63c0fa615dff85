/**
 * The chunks of one answer differ in their piece of text and, where the engine counts, in a few numbers. Once it is
 * known where, the next one is read by comparing what stands around them: a fraction of the cost of parsing it, and it
 * is paid for each token.
 */

/** What must stand before a piece of text, as engines write it: of a chat, and of a completion. */
const KEYS = ['"content":', '"content": ', '"text":', '"text": ']

/** What stands before the number of tokens written so far: llama-server's word, and vLLM's. */
const COUNT_KEY = /"(?:predicted_n|completion_tokens)": ?$/

/** Text that stands in JSON as it is. */
const PLAIN = /^[^"\\\p{Cc}]+$/u

const NUMBERS = /-?\d[\d.eE+-]*/g

/** An engine whose chunks differ elsewhere too is looked at no more after so many in a row that had to be parsed. */
const MAX_MISSES = 8

/** What stands behind the text: fixed at both ends, and between them numbers. */
interface Rest {
  readonly head: string
  readonly tail: string
  /** What stands between the numbers; undefined: there are none, and `head` is all. */
  readonly keys: readonly string[] | undefined
  /** Which of the numbers tells the tokens written so far. */
  readonly countAt: number
}

export interface AlikeText {
  /** Never empty. */
  readonly text: string
  /** Tokens of the answer so far; undefined for an engine that does not tell with each chunk. */
  readonly written: number | undefined
}

export class AlikeChunks {
  #before = ''
  #rest: Rest | undefined
  /** What stood behind the text of the last chunk, until it is known where that changes. */
  #last: string | undefined
  #misses = 0

  /** What is in a chunk that is like those learnt; undefined: it has to be parsed. */
  read(chunk: string): AlikeText | undefined {
    const before = this.#before
    // Not `startsWith`: V8 compares whole strings ten times as fast.
    if (this.#rest === undefined || chunk.slice(0, before.length) !== before) return undefined
    const end = chunk.indexOf('"', before.length)
    const written = countIn(this.#rest, chunk, end)
    if (written === undefined) return undefined
    const text = chunk.slice(before.length, end)
    if (!PLAIN.test(text)) return undefined
    this.#misses = 0
    return { text, written: written < 0 ? undefined : written }
  }

  /** Takes a chunk that had to be parsed and held `text`, and `written` where it counts, and nothing else of note. */
  learn(chunk: string, text: string, written?: number): void {
    if (this.#misses >= MAX_MISSES || !PLAIN.test(text)) return
    this.#misses += 1
    const quoted = `"${text}"`
    const at = chunk.indexOf(quoted)
    if (at === -1 || chunk.includes(quoted, at + 1) || !KEYS.some((key) => chunk.endsWith(key, at))) return
    const before = chunk.slice(0, at + 1)
    const rest = chunk.slice(at + quoted.length - 1)
    const last = before === this.#before ? this.#last : undefined
    this.#before = before
    if (written === undefined) this.#rest = { head: rest, tail: '', keys: undefined, countAt: -1 }
    else this.#rest = last === undefined ? undefined : changing(last, rest)
    // Where a chunk is like none before, as when a second has passed, it is learnt anew from the next two.
    this.#last = this.#rest === undefined ? rest : undefined
  }
}

/** The count that a chunk tells behind its text; -1 where there is none to tell, undefined when it is not alike. */
function countIn({ head, tail, keys, countAt }: Rest, chunk: string, from: number): number | undefined {
  if (from < 0) return undefined
  if (keys === undefined) return chunk.slice(from) === head ? -1 : undefined
  let at = from + head.length
  const end = chunk.length - tail.length
  if (at > end || chunk.slice(from, at) !== head || chunk.slice(end) !== tail) return undefined
  let count = Number.NaN
  for (let index = 0; ; index += 1) {
    const start = at
    while (at < end && isOfNumber(chunk.charCodeAt(at))) at += 1
    if (index === countAt) count = Number(chunk.slice(start, at))
    if (at === start || index === keys.length) break
    const key = keys[index] ?? ''
    if (chunk.slice(at, at + key.length) !== key) return undefined
    at += key.length
  }
  return at === end && Number.isSafeInteger(count) ? count : undefined
}

/** Where two chunks of one answer differ behind their text; undefined unless in numbers alone, one of them a count. */
function changing(one: string, two: string): Rest | undefined {
  const shorter = Math.min(one.length, two.length)
  let start = 0
  while (start < shorter && one[start] === two[start]) start += 1
  while (start > 0 && isOfNumber(two.charCodeAt(start - 1))) start -= 1
  let left = 0
  while (left < shorter - start && one.at(-1 - left) === two.at(-1 - left)) left += 1
  while (left > 0 && isOfNumber(two.charCodeAt(two.length - left))) left -= 1
  const head = two.slice(0, start)
  const changed = two.slice(start, two.length - left)
  const before = one.slice(start, one.length - left)
  if (before.replace(NUMBERS, '0') !== changed.replace(NUMBERS, '0')) return undefined
  const keys = changed.split(NUMBERS)
  // It begins and ends with a number.
  if (keys.length < 2 || keys[0] !== '' || keys.at(-1) !== '') return undefined
  const between = keys.slice(1, -1)
  const countAt = [head, ...between].findIndex((key) => COUNT_KEY.test(key))
  return countAt < 0 ? undefined : { head, tail: two.slice(two.length - left), keys: between, countAt }
}

/** Digits, and what else a number of JSON is written with. */
function isOfNumber(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46 || code === 45 || code === 101 || code === 43 || code === 69
}
