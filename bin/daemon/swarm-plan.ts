/** What each node of a local swarm is started with. Pure. */
import { join } from 'node:path'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** More processes than a machine with 64 GB holds comfortably. */
export const MAX_SWARM_NODES = 200

export interface SwarmPlan {
  readonly nodes: number
  /** `KIND=URL` by node. */
  readonly engines: ReadonlyMap<number, readonly string[]>
  readonly builtin: boolean
}

/** From flags. Throws `USAGE`. */
export function swarmPlan(nodes: string, engineOn: readonly string[], builtin: boolean): SwarmPlan {
  const count = Number(nodes)
  if (!Number.isInteger(count) || count < 1 || count > MAX_SWARM_NODES) {
    throw new RealmeshError('USAGE', `-n ${nodes}: expected a number from 1 to ${MAX_SWARM_NODES}`, {
      fix: 'realmesh swarm up -n 3',
    })
  }
  const engines = new Map<number, readonly string[]>()
  for (const text of engineOn) {
    const [, index, engine] = /^(\d+)=([a-z][a-z0-9-]*=https?:\/\/.+)$/.exec(text) ?? []
    if (index === undefined || engine === undefined || Number(index) >= count) {
      throw new RealmeshError('USAGE', `--engine-on ${text}: expected I=KIND=URL with I from 0 to ${count - 1}`, {
        fix: 'write it like --engine-on 1=ollama=http://127.0.0.1:11434',
      })
    }
    engines.set(Number(index), [...(engines.get(Number(index)) ?? []), engine])
  }
  return { nodes: count, engines, builtin }
}

export interface SwarmPlace {
  /** Below it each node has its home. */
  readonly folder: string
  readonly network: string
  readonly federationKey: string
  /** Multiaddrs of node 0; empty for node 0 itself. */
  readonly bootstrap: readonly string[]
}

/** Flags of `realmesh up` for node `index`: loopback only, found through node 0 alone. */
export function nodeArguments(plan: SwarmPlan, index: number, place: SwarmPlace): readonly string[] {
  return [
    ...['--home', join(place.folder, `node-${index}`)],
    ...['--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0'],
    ...['--network', place.network, '--federation-key', place.federationKey],
    ...['--no-mdns', '--no-detect', '--log-level', 'warn'],
    ...(plan.builtin ? [] : ['--no-builtin']),
    ...place.bootstrap.flatMap((address) => ['--bootstrap', address]),
    ...(plan.engines.get(index) ?? []).flatMap((engine) => ['--engine', engine]),
  ]
}
