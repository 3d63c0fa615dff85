/** Which of several workers that could take a query takes it: pure functions, one row per strategy. */
import type { Strategy } from '../../core/model/worker.ts'

/** What a choice is made from; the caller keeps whatever else it needs beside it. */
export interface WorkerSnapshot {
  readonly name: string
  /** 0 to 100. */
  readonly health: number
  readonly running: number
  readonly slots: number
  /** The owner's weight, above 0. */
  readonly weight: number
  /** Estimated milliseconds to the first token; undefined when nothing was measured yet. */
  readonly firstTokenMs: number | undefined
  /** Counts the choices of the whole pool: the value when this worker was last chosen, 0 for never. */
  readonly lastChosen: number
}

/** A number from 0 up to, not including, 1. */
export type Rng = () => number

/**
 * RENT-A-HAL's bounds for `auto`: health decides among few or unequal workers, load among ailing ones, else they take
 * turns.
 */
const AUTO_FEW = 2
const AUTO_HEALTH_VARIANCE = 400
const AUTO_AILING_MEAN = 70

type Choose = <T extends WorkerSnapshot>(candidates: readonly T[], rng: Rng) => T | undefined

const CHOOSE: Readonly<Record<Strategy, Choose>> = {
  health: (candidates) => least(candidates, (worker) => [-worker.health, busyness(worker)]),
  round_robin: (candidates) => least(candidates, (worker) => [worker.lastChosen]),
  least_busy: (candidates) => least(candidates, (worker) => [busyness(worker), -worker.health, worker.lastChosen]),
  random: weighted,
  // A worker that was never measured is tried once: otherwise it would never be measured.
  fastest: (candidates) => least(candidates, (worker) => [worker.firstTokenMs ?? 0, busyness(worker), -worker.health]),
  auto: (candidates, rng) => CHOOSE[autoStrategy(candidates)](candidates, rng),
}

/** The chosen worker; undefined only when there are no candidates. Ties go to the one listed first. */
export function selectWorker<T extends WorkerSnapshot>(
  strategy: Strategy,
  candidates: readonly T[],
  rng: Rng,
): T | undefined {
  return candidates.length < 2 ? candidates[0] : CHOOSE[strategy](candidates, rng)
}

/** What `auto` means for these workers. */
export function autoStrategy(candidates: readonly WorkerSnapshot[]): Exclude<Strategy, 'auto'> {
  if (candidates.length <= AUTO_FEW) return 'health'
  const mean = candidates.reduce((sum, { health }) => sum + health, 0) / candidates.length
  const variance = candidates.reduce((sum, { health }) => sum + (health - mean) ** 2, 0) / candidates.length
  if (variance > AUTO_HEALTH_VARIANCE) return 'health'
  return mean < AUTO_AILING_MEAN ? 'least_busy' : 'round_robin'
}

/** Share of its slots in use, counting the query to come, lighter for a heavier weight. */
function busyness({ running, slots, weight }: WorkerSnapshot): number {
  return (running + 1) / (slots * weight)
}

/** The candidate with the smallest key, compared field by field; the first of equals. */
function least<T>(candidates: readonly T[], key: (candidate: T) => readonly number[]): T | undefined {
  let best: { readonly candidate: T; readonly key: readonly number[] } | undefined
  for (const candidate of candidates) {
    const own = key(candidate)
    if (best === undefined || isLess(own, best.key)) best = { candidate, key: own }
  }
  return best?.candidate
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0
    if (value !== other) return value < other
  }
  return false
}

function weighted<T extends WorkerSnapshot>(candidates: readonly T[], rng: Rng): T | undefined {
  let left = rng() * candidates.reduce((sum, { weight }) => sum + weight, 0)
  for (const candidate of candidates) {
    left -= candidate.weight
    if (left < 0) return candidate
  }
  return candidates.at(-1)
}
