/**
 * The seed's RealmRegistry: which realms this node has, and which of them serves a type of query. Realms can be added, changed, drained
 * and removed while queries run; a realm that is replaced finishes what it accepted.
 */

import { realmForType } from '../../config/config.ts'
import type { RealmConfig } from '../../config/schema/realm-schema.ts'
import type { QueryType } from '../../core/query/query.ts'
import { REALM_NAME } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { RealmWorkerManager } from '../../workers/pool/realm-worker-manager.ts'
import type { RealmQueryProcessor } from './realm-query-processor.ts'

/** Most realms of one node. Each has a queue and is advertised; a card names 32 at most. */
export const MAX_REALMS = 32

/** A realm as it runs. */
export interface Realm {
  readonly config: RealmConfig
  /** Types of query that it serves: its own, and those that fall to it because no realm names them. */
  readonly types: readonly QueryType[]
  readonly workers: RealmWorkerManager
  readonly processor: RealmQueryProcessor
}

/** Builds a realm's parts around its configuration. */
export type MakeRealm = (config: RealmConfig, types: readonly QueryType[]) => Realm

const ALL_TYPES: readonly QueryType[] = ['chat', 'vision', 'imagine', 'embed']

export class RealmRegistry {
  readonly #make: MakeRealm
  readonly #listeners = new Set<() => void>()
  #realms = new Map<string, Realm>()
  /** Where queries of each type begin. */
  #byType: ReadonlyMap<QueryType, Realm> = new Map()

  constructor(make: MakeRealm, configs: readonly RealmConfig[]) {
    this.#make = make
    this.apply(configs)
  }

  list(): readonly Realm[] {
    return [...this.#realms.values()]
  }

  get(name: string): Realm | undefined {
    return this.#realms.get(name)
  }

  /** The realm in which queries of the type begin. Throws `REALM_NOT_FOUND`. */
  forType(type: QueryType): Realm {
    const realm = this.#byType.get(type)
    if (realm !== undefined) return realm
    throw new RealmeshError('REALM_NOT_FOUND', `this node has no realm for ${type}`, {
      fix: `add a realm with primary_query_type: ${type} to realms.yml`,
    })
  }

  /** Calls back after each change of the set of realms. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Adds a realm or replaces the one of its name. */
  set(config: RealmConfig): void {
    this.apply([...this.#configs().filter(({ name }) => name !== config.name), config])
  }

  /** Takes a realm out: what it accepted is finished, nothing new begins in it. */
  remove(name: string): void {
    if (!this.#realms.has(name)) throw new RealmeshError('REALM_NOT_FOUND', `there is no realm ${name}`)
    this.apply(this.#configs().filter((config) => config.name !== name))
  }

  /** Makes the set of realms what `configs` says; realms that did not change go on untouched. */
  apply(configs: readonly RealmConfig[]): void {
    if (configs.length > MAX_REALMS) {
      throw new RealmeshError(
        'CONFIG_INVALID',
        `${configs.length} realms are more than the ${MAX_REALMS} that a node may have`,
      )
    }
    const next = new Map<string, Realm>()
    for (const config of configs) {
      if (!REALM_NAME.test(config.name))
        throw new RealmeshError('CONFIG_INVALID', `${config.name} is not a realm's name`)
      const types = typesOf(configs, config)
      const old = this.#realms.get(config.name)
      next.set(config.name, old !== undefined && isUnchanged(old, config, types) ? old : this.#make(config, types))
    }
    const before = this.#realms
    this.#realms = next
    this.#byType = realmsByType(configs, next)
    for (const [name, realm] of before) if (next.get(name) !== realm) realm.processor.drain()
    for (const listener of this.#listeners) listener()
  }

  #configs(): readonly RealmConfig[] {
    return [...this.#realms.values()].map(({ config }) => config)
  }
}

function realmsByType(
  configs: readonly RealmConfig[],
  realms: ReadonlyMap<string, Realm>,
): ReadonlyMap<QueryType, Realm> {
  return new Map(
    ALL_TYPES.flatMap((type): [QueryType, Realm][] => {
      const realm = realms.get(realmForType({ realms: configs }, type)?.name ?? '')
      return realm === undefined ? [] : [[type, realm]]
    }),
  )
}

/** The types whose queries begin in this realm. */
function typesOf(realms: readonly RealmConfig[], config: RealmConfig): readonly QueryType[] {
  const falling = ALL_TYPES.filter((type) => realmForType({ realms }, type)?.name === config.name)
  return falling.includes(config.primaryQueryType) ? falling : [config.primaryQueryType, ...falling]
}

function isUnchanged(realm: Realm, config: RealmConfig, types: readonly QueryType[]): boolean {
  return JSON.stringify([realm.config, realm.types]) === JSON.stringify([config, types])
}
