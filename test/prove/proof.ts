/** What a proof is, and how one over a scenario is run. */
import type { Figure } from './figure.ts'

export interface Proof {
  readonly name: string
  /** Rounds unless the caller wants another number. */
  readonly rounds: number
  /** Why this machine cannot run it; undefined when it can. */
  readonly obstacle?: () => string | undefined
  /** `random` gives numbers from 0 to 1. Throws when something other than a figure is wrong. */
  run(rounds: number, random: () => number): Promise<readonly Figure[]>
}

/** Runs `task`, and stops the scenario whatever becomes of it. */
export async function during<S extends { stop(): void | Promise<void> }>(
  scenario: S,
  task: (scenario: S) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  try {
    return await task(scenario)
  } finally {
    await scenario.stop()
  }
}

/** The same figures of several runs as one. */
export function together(runs: readonly (readonly Figure[])[]): readonly Figure[] {
  const [first = []] = runs
  return first.map((figure, i) => ({ ...figure, samples: runs.flatMap((run) => run[i]?.samples ?? []) }))
}
