/** What this node has seen of each route (peer and model) itself: kept over restarts, because own evidence outranks a peer's claims. */
import { ewma } from '../../core/ewma.ts'
import { keyOf } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'

export interface RouteObservation {
  readonly peer: string
  readonly model: string
  readonly ok: boolean
  /** Milliseconds to the first content; absent when none came. */
  readonly firstEventMs?: number
  readonly tokensPerSecond?: number
  /** Wall clock, milliseconds. */
  readonly at: number
}

export interface RouteStatistics {
  readonly peer: string
  readonly model: string
  readonly tries: number
  readonly successes: number
  /** Moving averages; absent until something was measured. */
  readonly firstEventMs?: number
  readonly tokensPerSecond?: number
  readonly lastAt: number
}

/** Weight of the newest observation: about the last ten count. */
const WEIGHT = 0.2

/** Routes kept at most; the longest unused are dropped by `prune`. */
export const MAX_ROUTES = 20_000

const PREFIX = 'r/'
const rowOf = (peer: string, model: string): string => `${PREFIX}${keyOf(JSON.stringify([peer, model]))}`

/** The statistics after one more observation. */
export function foldRoute(before: RouteStatistics | undefined, seen: RouteObservation): RouteStatistics {
  const firstEventMs =
    seen.firstEventMs === undefined ? before?.firstEventMs : ewma(before?.firstEventMs, seen.firstEventMs, WEIGHT)
  const tokensPerSecond =
    seen.tokensPerSecond === undefined
      ? before?.tokensPerSecond
      : ewma(before?.tokensPerSecond, seen.tokensPerSecond, WEIGHT)
  return {
    peer: seen.peer,
    model: seen.model,
    tries: (before?.tries ?? 0) + 1,
    successes: (before?.successes ?? 0) + (seen.ok ? 1 : 0),
    ...(firstEventMs === undefined ? {} : { firstEventMs }),
    ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    lastAt: seen.at,
  }
}

export class RouteStatisticsStore {
  readonly #node: Shard

  constructor(components: { readonly node: Shard }) {
    this.#node = components.node
  }

  /** Folds observations in. Statistics may wait: they are a help, not a promise. */
  async observe(observations: readonly RouteObservation[]): Promise<void> {
    await this.#node.transact({
      reads: [...new Set(observations.map(({ peer, model }) => rowOf(peer, model)))],
      patienceMs: PATIENCE_MS,
      apply: (view) => {
        for (const seen of observations) {
          const row = rowOf(seen.peer, seen.model)
          view.write(row, foldRoute(view.read<RouteStatistics>(row), seen))
        }
      },
    })
  }

  async all(limit = MAX_ROUTES): Promise<readonly RouteStatistics[]> {
    return (await this.#node.range<RouteStatistics>({ gte: PREFIX, lt: 'r0', limit })).map(({ value }) => value)
  }

  /** Drops the longest unused routes above the bound. Resolves with how many. */
  async prune(keep = MAX_ROUTES): Promise<number> {
    const rows = await this.#node.range<RouteStatistics>({ gte: PREFIX, lt: 'r0', limit: 2 * MAX_ROUTES })
    const gone = [...rows].sort((a, b) => b.value.lastAt - a.value.lastAt).slice(keep)
    if (gone.length === 0) return 0
    await this.#node.transact({
      reads: [],
      apply: (view) => {
        for (const { key } of gone) view.remove(key)
      },
    })
    return gone.length
  }
}

const PATIENCE_MS = 100
