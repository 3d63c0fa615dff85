/** What a simulated engine answers: words that follow from the prompt alone, so that each can be checked. Pure. */
import { createHash } from 'node:crypto'

const WORDS = 'mesh rig lane peer token realm card slot node path home relay graph wave field stone'.split(' ')

/** The whole answer of `count` tokens; the same prompt always has the same one. */
export function simulatedWords(prompt: string, count: number): readonly string[] {
  const digest = createHash('sha256').update(prompt).digest()
  return Array.from({ length: count }, (_, i) => {
    const word = WORDS[((digest[i % digest.length] ?? 0) + i * 7) % WORDS.length] ?? ''
    return i === 0 ? word : ` ${word}`
  })
}

/** What follows `begun` in an answer of these tokens; a begin that is not of it is left standing. */
export function wordsBehind(tokens: readonly string[], begun: string): readonly string[] {
  if (!tokens.join('').startsWith(begun)) return tokens
  let skip = begun.length
  return tokens.flatMap((token) => {
    const rest = token.slice(skip)
    skip = Math.max(0, skip - token.length)
    return rest === '' ? [] : rest
  })
}
