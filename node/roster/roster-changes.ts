/** Which workers a node should have, and what is to be done so that it has them. Pure: the roster does it. */
import { isDeepStrictEqual } from 'node:util'
import type { PlannedWorker } from './planned-worker.ts'
import type { ConfiguredWorkers } from './worker-plan.ts'

/** Everything that a node may make workers of, most binding first. */
export interface RosterWishes extends Pick<ConfiguredWorkers, 'named' | 'addressed' | 'builtin'> {
  /** Found on this machine. */
  readonly found: readonly PlannedWorker[]
  /**
   * Addresses of engines that get no worker unless it is named: the owner took it out, or its named worker cannot be
   * used.
   */
  readonly barred: ReadonlySet<string>
}

/** What is to be done; the name is that of the worker which runs now. */
export type RosterChange =
  | { readonly kind: 'configure'; readonly name: string; readonly plan: PlannedWorker }
  | { readonly kind: 'add'; readonly plan: PlannedWorker }
  /** Its engine is another one now, or is reached in another way: what runs ends first. */
  | { readonly kind: 'replace'; readonly name: string; readonly plan: PlannedWorker }
  | { readonly kind: 'remove'; readonly name: string }

/**
 * The workers that a node should have. The owner may name one engine several times; what nobody named gets a worker
 * only where the engine has none yet, so that no rule of the owner is bypassed. Names are unique: who is named first
 * keeps the name.
 */
export function wantedWorkers({ named, addressed, builtin, found, barred }: RosterWishes): readonly PlannedWorker[] {
  const taken = new Set([...barred, ...named.map(({ identity }) => identity.address)])
  const names = new Set(named.map(({ settings }) => settings.name))
  const unnamed = [...addressed, ...builtin, ...found].flatMap((plan): PlannedWorker[] => {
    if (taken.has(plan.identity.address)) return []
    taken.add(plan.identity.address)
    const name = freeName(plan.settings.name, names)
    names.add(name)
    return [{ ...plan, settings: { ...plan.settings, name } }]
  })
  return [...named, ...unnamed]
}

function freeName(wish: string, taken: ReadonlySet<string>): string {
  let name = wish
  for (let n = 2; taken.has(name); n += 1) name = `${wish}-${n}`
  return name
}

/**
 * From the workers that run to those that are wanted. A worker that only gets another name or other rules keeps its
 * queries, health and rates; so does one that was found and is now named.
 */
export function rosterChanges(
  running: readonly PlannedWorker[],
  wanted: readonly PlannedWorker[],
): readonly RosterChange[] {
  const names = new Set(running.map(({ settings }) => settings.name))
  const left = new Map(running.map((plan) => [plan.settings.name, plan]))
  const pairs = new Map<PlannedWorker, PlannedWorker>()
  const pair = (fits: (old: PlannedWorker, plan: PlannedWorker) => boolean): void => {
    for (const plan of wanted) {
      if (pairs.has(plan)) continue
      const old = [...left.values()].find((candidate) => fits(candidate, plan))
      if (old === undefined) continue
      pairs.set(plan, old)
      left.delete(old.settings.name)
    }
  }
  const sameName = (old: PlannedWorker, plan: PlannedWorker): boolean => old.settings.name === plan.settings.name
  const sameEngine = (old: PlannedWorker, plan: PlannedWorker): boolean =>
    isDeepStrictEqual(old.identity, plan.identity)
  pair((old, plan) => sameName(old, plan) && sameEngine(old, plan))
  // Under a name that nobody has now: whatever the order in which it is done, no two workers ever share a name.
  pair((old, plan) => sameEngine(old, plan) && !names.has(plan.settings.name))
  pair(sameName)
  pair((old, plan) => old.identity.address === plan.identity.address)
  return [
    ...wanted.flatMap((plan) => changeTo(plan, pairs.get(plan))),
    ...[...left.keys()].map((name): RosterChange => ({ kind: 'remove', name })),
  ]
}

function changeTo(plan: PlannedWorker, old: PlannedWorker | undefined): readonly RosterChange[] {
  if (old === undefined) return [{ kind: 'add', plan }]
  const { name } = old.settings
  if (!isDeepStrictEqual(old.identity, plan.identity)) return [{ kind: 'replace', name, plan }]
  return isDeepStrictEqual(old.settings, plan.settings) ? [] : [{ kind: 'configure', name, plan }]
}
