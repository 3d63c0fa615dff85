/** Whether every node can route to every engine: each is asked for each engine's own model, until all were answered. */
import type { PlayedNode } from './played-node.ts'
import { ownModel } from './played-node.ts'
import { playQuery } from './played-query.ts'

/** Queries of one round at the same time. */
const AT_ONCE = 8
/** Pause between two rounds, so that the check is no load of its own. */
const PAUSE_MS = 250

export interface MeshState {
  /** Milliseconds until all ways were open; absent where they were not within the limit. */
  readonly wholeMs?: number
  readonly ways: number
  /** `FROM → TO`, those that stayed shut. */
  readonly shut: readonly string[]
}

export interface MeshLimits {
  readonly withinMs: number
  readonly signal?: AbortSignal
}

/** Asks until every way among `nodes` that are up has been open once. */
export async function meshCheck(nodes: readonly PlayedNode[], { withinMs, signal }: MeshLimits): Promise<MeshState> {
  const began = performance.now()
  const engines = nodes.filter(({ plan, isUp }) => plan.engine !== undefined && isUp)
  const all = nodes.flatMap((from) => engines.flatMap((to) => (from === to || !from.isUp ? [] : [{ from, to }])))
  let shut = all
  let round = 0
  while (shut.length > 0 && performance.now() - began < withinMs && signal?.aborted !== true) {
    round += 1
    const open = new Set<(typeof all)[number]>()
    for (let i = 0; i < shut.length; i += AT_ONCE) {
      await Promise.all(
        shut.slice(i, i + AT_ONCE).map(async (way) => {
          const prompt = `mesh ${round} ${way.from.name} ${way.to.name}`
          const plan = { prompt, model: ownModel(way.to.name), tokens: 1 }
          const { end } = await playQuery(way.from.name, way.from.door, plan)
          if (end === 'well') open.add(way)
        }),
      )
    }
    shut = shut.filter((way) => !open.has(way))
    if (shut.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  const whole = shut.length === 0 ? { wholeMs: performance.now() - began } : {}
  return { ...whole, ways: all.length, shut: shut.map(({ from, to }) => `${from.name} → ${to.name}`) }
}
