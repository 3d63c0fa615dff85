/**
 * RENT-A-HAL's RealmRegistry: which realms this node has, which of them serves a type of query, and running a query
 * in one. Realms can be added, changed and taken out while queries run; a realm that is replaced finishes what it
 * accepted, and is closed then.
 */

import { realmForType, standingRealms } from '../../config/config.ts'
import type { RealmConfig, RealmLimits } from '../../config/schema/realm-schema.ts'
import { QUERY_TYPES, type Query, type QueryType, REALM_NAME } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import type { Asker } from '../../core/scope.ts'
import { HostRun, type HostRunInit } from './host-run.ts'
import { Realm, type RealmComponents } from './realm.ts'
import type { RealmRunOptions } from './realm-run.ts'

/** Most realms of one node. Each has a queue and is advertised; a card names 32 at most. */
export const MAX_REALMS = 32

export interface RealmRegistryInit {
  /** This node's peer id. */
  readonly node: string
  readonly realms: readonly RealmConfig[]
}

export class RealmRegistry {
  readonly #components: RealmComponents
  readonly #node: string
  readonly #listeners = new Set<() => void>()
  readonly #loadListeners = new Set<() => void>()
  /** Replaced, with queries that they accepted. */
  readonly #leaving = new Set<Realm>()
  #realms = new Map<string, Realm>()
  /** Names of realms that the file does not name: they show once an engine serves them. */
  #standing: ReadonlySet<string> = new Set()
  /** Of these, those for which a query came. */
  readonly #wanted = new Set<string>()
  /** Where queries of each type begin. */
  #byType: ReadonlyMap<QueryType, Realm> = new Map()

  constructor(components: Omit<RealmComponents, 'onLoadChange'>, { node, realms }: RealmRegistryInit) {
    this.#components = { ...components, onLoadChange: () => tell(this.#loadListeners) }
    this.#node = node
    this.apply(realms)
  }

  /** The realms that the file names, and those that stand by and have an engine here. */
  list(): readonly Realm[] {
    return this.all().filter(({ config, workers }) => !this.#standing.has(config.name) || workers.workers.told > 0)
  }

  /** The same, and those that stand by without one: their queries are served by others. */
  all(): readonly Realm[] {
    return [...this.#realms.values()]
  }

  /** Names of the realms whose other nodes are looked for: those of the file, and others from their first query on. */
  get sought(): readonly string[] {
    return [...this.#realms.keys()].filter((name) => !this.#standing.has(name) || this.#wanted.has(name))
  }

  get(name: string): Realm | undefined {
    return this.#realms.get(name)
  }

  /** A query of this realm was answered by another one. */
  noteCrossed(name: string): void {
    const realm = this.#realms.get(name)
    if (realm !== undefined) realm.processor.counters.crossRealm += 1
  }

  /** The realm in which queries of the type begin. Throws `REALM_NOT_FOUND`. */
  forType(type: QueryType): Realm {
    const realm = this.#byType.get(type)
    if (realm !== undefined) {
      this.#noteWanted(realm.config.name)
      return realm
    }
    throw new RealmeshError('REALM_NOT_FOUND', `this node has no realm for ${type}`, {
      fix: `add a realm with primary_query_type: ${type} to realms.yml`,
    })
  }

  /**
   * What a query of a peer may cost in the realm that it names: as with own ones the limits are those of the realm for
   * its type, also where another stands in. Undefined: there is no such realm.
   */
  limitsFor({ realm, type }: Pick<Query, 'realm' | 'type'>, asker: Asker): RealmLimits | undefined {
    const named = this.#realms.get(realm)
    if (named === undefined) return undefined
    const { config } = named.types.includes(type) ? named : (this.#byType.get(type) ?? named)
    return asker === 'stranger' ? config.strangerLimits : config.limits
  }

  /**
   * Runs a query on this node's own workers, in the realm that it names; its iteration fails with `REALM_NOT_FOUND`.
   */
  run(query: Query, options: RealmRunOptions): AsyncIterable<QueryEvent> {
    const realm = this.#realms.get(query.realm)
    if (realm !== undefined) return realm.processor.run(query, options)
    return failing(noRealm(query.realm))
  }

  /** Runs an own query at hosts of other federations that work for the realm that it names. */
  runAtHosts(query: Query, init: Omit<HostRunInit, 'query'>): AsyncIterable<QueryEvent> {
    const realm = this.#realms.get(query.realm)
    if (realm === undefined) return failing(noRealm(query.realm))
    const { clock } = this.#components
    return relayedRun(new HostRun({ hosts: realm.hosts, now: () => clock.monotonic() }, { ...init, query }))
  }

  #noteWanted(name: string): void {
    if (!this.#standing.has(name) || this.#wanted.has(name)) return
    this.#wanted.add(name)
    tell(this.#listeners)
  }

  /** Calls back after each change of the set of realms, and of those that are sought. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Calls back when a query begins or ends in a realm: the load has changed. */
  onLoadChange(listener: () => void): void {
    this.#loadListeners.add(listener)
  }

  /**
   * Makes the set of realms what `configs` says; realms that did not change go on untouched. Throws `CONFIG_INVALID`.
   */
  apply(configs: readonly RealmConfig[]): void {
    if (configs.length > MAX_REALMS) {
      throw new RealmeshError(
        'CONFIG_INVALID',
        `${configs.length} realms are more than the ${MAX_REALMS} that a node may have`,
      )
    }
    const standing = standingRealms({ realms: configs })
    const all = [...configs, ...standing]
    const next = new Map(all.map((config) => [config.name, this.#realmFor(config, all)]))
    const before = this.#realms
    this.#realms = next
    this.#standing = new Set(standing.map(({ name }) => name))
    this.#byType = realmsByType(all, next)
    for (const [name, realm] of before) if (next.get(name) !== realm) this.#letGo(realm)
    tell(this.#listeners)
  }

  /** Takes nothing new into any realm; what was accepted is finished. */
  drain(): void {
    for (const { processor } of this.#realms.values()) processor.drain()
  }

  /** Resolves when no query runs here, those of peers and of replaced realms included. */
  async idle(): Promise<void> {
    await Promise.all(this.#withLeaving().map(({ processor }) => processor.idle()))
  }

  /** Ends what waits in any realm, replaced ones included. */
  close(): void {
    for (const realm of this.#withLeaving()) realm.close()
  }

  #withLeaving(): readonly Realm[] {
    return [...this.all(), ...this.#leaving]
  }

  #realmFor(config: RealmConfig, configs: readonly RealmConfig[]): Realm {
    if (!REALM_NAME.test(config.name)) throw new RealmeshError('CONFIG_INVALID', `${config.name} is not a realm's name`)
    const types = typesOf(configs, config)
    const old = this.#realms.get(config.name)
    if (old !== undefined && isUnchanged(old, config, types)) return old
    return new Realm(this.#components, { config, types, node: this.#node })
  }

  #letGo(realm: Realm): void {
    this.#leaving.add(realm)
    void realm.drain().then(() => this.#leaving.delete(realm))
  }
}

function noRealm(name: string): RealmeshError {
  return new RealmeshError('REALM_NOT_FOUND', `this node has no realm ${name}`)
}

function failing(error: RealmeshError): AsyncIterable<QueryEvent> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }
}

function tell(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener()
}

function realmsByType(
  configs: readonly RealmConfig[],
  realms: ReadonlyMap<string, Realm>,
): ReadonlyMap<QueryType, Realm> {
  return new Map(
    QUERY_TYPES.flatMap((type): [QueryType, Realm][] => {
      const realm = realms.get(realmForType({ realms: configs }, type)?.name ?? '')
      return realm === undefined ? [] : [[type, realm]]
    }),
  )
}

/** The types whose queries begin in this realm. */
function typesOf(realms: readonly RealmConfig[], config: RealmConfig): readonly QueryType[] {
  const falling = QUERY_TYPES.filter((type) => realmForType({ realms }, type)?.name === config.name)
  return falling.includes(config.primaryQueryType) ? falling : [config.primaryQueryType, ...falling]
}

function isUnchanged(realm: Realm, config: RealmConfig, types: readonly QueryType[]): boolean {
  return JSON.stringify([realm.config, realm.types]) === JSON.stringify([config, types])
}
