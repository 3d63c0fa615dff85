/** What changed between two configurations, and what of it can change while the node runs. Pure. */
import { isDeepStrictEqual } from 'node:util'
import type { RealmeshConfig } from '../config.ts'
import type { NodeConfig } from '../schema/node-schema.ts'
import type { RealmConfig } from '../schema/realm-schema.ts'
import type { WorkerConfig } from '../schema/worker-schema.ts'

/** Changes of named things; each list holds what is to be done. */
export interface NamedChanges<T> {
  readonly added: readonly T[]
  /** In their new form. */
  readonly changed: readonly T[]
  /** Names. */
  readonly removed: readonly string[]
}

export interface ConfigDiff {
  readonly realms: NamedChanges<RealmConfig>
  readonly workers: NamedChanges<WorkerConfig>
  /** Other paths that can be applied at once, as the file spells them, such as `node.scope`. */
  readonly live: readonly string[]
  /** Paths whose change waits for a restart. */
  readonly restart: readonly string[]
}

type When = 'live' | 'restart'

/** Sockets, keys and files that are open cannot be exchanged under running queries; what is only read per query can. */
const NODE_KEYS: Readonly<Record<keyof NodeConfig, When>> = {
  http: 'restart',
  name: 'live',
  listen: 'restart',
  bootstrap: 'live',
  network: 'restart',
  mdns: 'restart',
  budgetMB: 'live',
  upnp: 'restart',
  swarmKey: 'restart',
  rendezvous: 'restart',
  privateNetworks: 'live',
  federationKey: 'restart',
  federationLabel: 'live',
  scope: 'live',
  share: 'live',
  friends: 'live',
  blocked: 'live',
  peerNames: 'live',
  engines: 'live',
  detect: 'live',
  builtin: 'live',
  logLevel: 'live',
  degradedAfterMs: 'live',
  apiKeyFile: 'restart',
  allowedHosts: 'restart',
  allowedOrigins: 'restart',
  tlsCert: 'restart',
  tlsKey: 'restart',
  trustedProxies: 'restart',
  relay: 'restart',
  registry: 'live',
  rentahal: 'restart',
  webrtc: 'restart',
}

/** Beside realms, workers and node. */
const OTHER_KEYS: Readonly<Record<Exclude<keyof RealmeshConfig, 'realms' | 'workers' | 'node'>, When>> = {
  federationId: 'live',
  hosts: 'live',
  federationCallbackUrl: 'live',
  discovery: 'live',
  databaseSharding: 'restart',
  userData: 'restart',
}

/** From `before`, which runs, to `after`, which is to run. */
export function diffConfig(before: RealmeshConfig, after: RealmeshConfig): ConfigDiff {
  const changes = [
    ...changedKeys(before.node, after.node, NODE_KEYS).map(([key, when]) => [`node.${inFile(key)}`, when] as const),
    ...changedKeys(before, after, OTHER_KEYS).map(([key, when]) => [inFile(key), when] as const),
  ]
  return {
    realms: namedChanges(before.realms, after.realms),
    workers: namedChanges(before.workers, after.workers),
    live: changes.filter(([, when]) => when === 'live').map(([path]) => path),
    restart: changes.filter(([, when]) => when === 'restart').map(([path]) => path),
  }
}

/** `next` as far as it can be applied at once: what waits for a restart is as in `before`. */
export function withoutRestart(next: RealmeshConfig, before: RealmeshConfig): RealmeshConfig {
  const node = { ...next.node, ...waiting(before.node, NODE_KEYS) }
  return { ...next, ...waiting(before, OTHER_KEYS), node }
}

function waiting<T extends object>(before: T, table: Readonly<Partial<Record<keyof T, When>>>): Partial<T> {
  const keys = (Object.entries(table) as [keyof T & string, When][]).filter(([, when]) => when === 'restart')
  return Object.fromEntries(keys.map(([key]) => [key, before[key]])) as Partial<T>
}

/** A key as `realms.yml` spells it: `degradedAfterMs` is `degraded_after` there. */
function inFile(key: string): string {
  if (key === 'hosts') return 'federation_hosts'
  return key.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function namedChanges<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): NamedChanges<T> {
  const old = new Map(before.map((item) => [item.name, item]))
  const names = new Set(after.map((item) => item.name))
  return {
    added: after.filter((item) => !old.has(item.name)),
    changed: after.filter((item) => old.has(item.name) && !isDeepStrictEqual(old.get(item.name), item)),
    removed: before.map((item) => item.name).filter((name) => !names.has(name)),
  }
}

function changedKeys<T extends object>(before: T, after: T, table: Readonly<Partial<Record<keyof T, When>>>) {
  return (Object.entries(table) as [keyof T & string, When][]).filter(
    ([key]) => !isDeepStrictEqual(before[key], after[key]),
  )
}
