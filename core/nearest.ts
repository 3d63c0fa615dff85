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
  // A third of the letters may be wrong, two where as many are right: enough for typing errors, too little for other
  // words.
  const allowed = Math.min(Math.max(2, Math.floor(word.length / 3)), Math.ceil(word.length / 2) - 1)
  return distance(word, best) <= Math.max(1, allowed) || letters(word) === letters(best) ? best : undefined
}

/** The `count` candidates nearest to `word`, the nearest first. */
export function nearestOnes(word: string, candidates: readonly string[], count: number): readonly string[] {
  return candidates.toSorted((a, b) => distance(word, a) - distance(word, b)).slice(0, count)
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

/** Two letters that changed places leave the same ones. */
function letters(word: string): string {
  return [...word.toLowerCase()].sort().join('')
}
