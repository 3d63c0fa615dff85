/** The pools of a realm: workers with a strategy of their own, asked before all others. Pure. */
import type { Strategy } from '../../core/model/worker.ts'
import type { Candidate } from './realm-candidates.ts'
import { type Rng, selectWorker } from './worker-selection.ts'

/** Workers of a realm that have a strategy of their own and are asked before all others. */
export interface RealmPool {
  readonly name: string
  /** Names of workers; those whose settings name the pool are members too. */
  readonly members: readonly string[]
  readonly strategy: Strategy
}

/** How a realm chooses among workers that could take a query. */
export interface ChoiceRules {
  /** @default `health`, as in RENT-A-HAL */
  readonly strategy?: Strategy
  readonly pools?: readonly RealmPool[]
}

/** The first pool that has a candidate decides by its own strategy; without one the realm does. */
export function chooseAmong(
  candidates: readonly Candidate[],
  { strategy = 'health', pools = [] }: ChoiceRules,
  rng: Rng,
): Candidate | undefined {
  for (const pool of pools) {
    const inside = candidates.filter(
      ({ worker }) => worker.settings.pool === pool.name || pool.members.includes(worker.name),
    )
    if (inside.length > 0) return selectWorker(pool.strategy, inside, rng)
  }
  return selectWorker(strategy, candidates, rng)
}
