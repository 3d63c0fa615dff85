/** What a mistyped word was most likely meant to be. Pure. */
import { closest, distance } from 'fastest-levenshtein'

/** The candidate that `word` was most likely meant to be; undefined when all are too far. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined
  const exact = candidates.find((candidate) => folded(candidate) === folded(word))
  if (exact !== undefined) return exact
  const longer = word.length < 4 ? undefined : candidates.find((candidate) => candidate.startsWith(word))
  if (longer !== undefined) return longer
  const best = closest(word, [...candidates])
  // A third of the letters may be wrong, two at least: enough for typing errors, too little for other words.
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : undefined
}

/** What to tell the author of a mistyped word; undefined when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates)
  return near === undefined ? undefined : `did you mean ${near}?`
}

/** `maxWorkers`, `max-workers` and `max_workers` are the same word. */
function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '')
}
