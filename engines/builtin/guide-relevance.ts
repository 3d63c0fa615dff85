/**
 * Which search results are worth quoting, and how many: better an honest "nothing" than three passages about something
 * else. Pure.
 */

/** What is used of a search result. */
export interface Scored {
  readonly score: number
  /** Words of the question that occur in the passage, or nearly so. */
  readonly queryTerms: readonly string[]
}

/**
 * Part of a question's weight that a passage must cover. Half: "write a haiku" shares a word with many pages and is
 * about none.
 */
const COVERED = 0.5

/**
 * As many words as this, each in no other passage, are enough of any question: long ones tell a story around what they
 * ask.
 */
const ENOUGH_WORDS = 1.5

/** Passages below this part of the best one's score are not quoted beside it. */
const NEARLY_AS_GOOD = 0.8

/**
 * The results to quote, in their order. A word weighs the more the fewer passages have it; one that no passage has
 * weighs most, for it is what the question is about. `results` are all that match any word, best first; `passages` is
 * how many there are in all.
 */
export function relevant<T extends Scored>(
  results: readonly T[],
  words: readonly string[],
  passages: number,
): readonly T[] {
  const weights = new Map(words.map((word) => [word, weightOf(word, results, passages)]))
  const needed = Math.min(sum(weights.values()) * COVERED, ENOUGH_WORDS * Math.log1p(passages))
  const covered = ({ queryTerms }: T): number => sum([...new Set(queryTerms)].map((word) => weights.get(word) ?? 0))
  const fitting = results.filter((result) => covered(result) >= needed)
  const best = fitting[0]?.score ?? 0
  return fitting.filter(({ score }) => score >= best * NEARLY_AS_GOOD)
}

/** Part of a passage's words that a better one may have before it says the same again. */
const SAME_AGAIN = 0.6

/** The texts that say something which those before them do not; `wordsOf` gives the words that carry meaning. */
export function distinct<T>(passages: readonly T[], wordsOf: (passage: T) => readonly string[]): readonly T[] {
  const said = new Set<string>()
  return passages.filter((passage) => {
    const words = wordsOf(passage)
    const repeats = words.length > 0 && words.filter((word) => said.has(word)).length >= words.length * SAME_AGAIN
    if (!repeats) for (const word of words) said.add(word)
    return !repeats
  })
}

function weightOf(word: string, results: readonly Scored[], passages: number): number {
  const having = results.filter(({ queryTerms }) => queryTerms.includes(word)).length
  return Math.log1p(passages / (having + 1))
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
