/**
 * The places where a query can run, and which is best now: turns a query into the ranking's question, asks about its
 * realm and then about the realm's backups, and says why there is none. Reads; the sends and outcomes it is told go to
 * the routing view.
 */

import { isAutoModel } from '../../core/model/model-name.ts'
import { type ChatQuery, isBatch, isChat, type Query } from '../../core/query/query.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Asker, Relation } from '../../core/scope.ts'
import { type PrefixAffinity, prefixKeys } from '../../routing/choice/prefix-affinity.ts'
import { type Choice, LOCAL, rankPeers } from '../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import type { LocalOption, ModelNeeds, RouteQuestion } from '../../routing/offers/route-question.ts'
import type { RoutingView } from '../../routing/offers/routing-view.ts'
import type { Sent } from '../../routing/offers/sends.ts'
import { needsOf } from '../../workers/pool/query-needs.ts'
import type { QueryLog } from './query-log.ts'
import type { RouteOptions } from './route-journal.ts'
import { type ModelReach, whyNoPlace } from './why-no-place.ts'

/** Length assumed of an answer unless the client wants less: a limit of 100,000 is not a wish for 100,000 tokens. */
const DEFAULT_ANSWER_TOKENS = 256

/** The owner of this node and of all others of its federation. */
const OWN = 'own'

/** Stands for the hosts of other federations where a node is expected. */
export const HOSTS = 'hosts'

/** One place for one try. */
export interface Place extends Choice {
  readonly realm: string
  /** What the node there is to this one; `own`: this one itself. */
  readonly relation: Asker
  /** Whose it is: two nodes of one owner are one voice. */
  readonly owner: string
}

/** Which places are left to choose from. */
interface Among {
  readonly exclude: ReadonlySet<string>
  readonly realOnly: boolean
  readonly outgrown: number
}

/** What the places need of the node around them. */
export interface PlacesComponents {
  readonly view: RoutingView
  readonly affinity: PrefixAffinity
  /** Own workers of a realm as a candidate; undefined when none of them can serve the query. */
  readonly localOption: (
    realm: string,
    query: Query,
    options: { readonly asker: Asker; readonly exclude: ReadonlySet<string>; readonly realOnly: boolean },
  ) => LocalOption | undefined
  /** The model that a host of another federation would be asked for; undefined where none takes the query. */
  readonly hostModel: (realm: string, query: Query, exclude: ReadonlySet<string>) => string | undefined
  /** Realms that serve when the named one cannot, in order. */
  readonly backupRealms: (realm: string) => readonly string[]
  readonly relationOf: (peer: string) => Relation
  /** The federation that a foreign peer proves to be of; its own id where it proves none. */
  readonly ownerOf: (peer: string) => string
  readonly reach: ModelReach
  readonly clock: Clock
  readonly random: () => number
  readonly log: QueryLog
}

export class Places {
  readonly #components: PlacesComponents

  constructor(components: PlacesComponents) {
    this.#components = components
  }

  /**
   * The best place that was not tried yet: in the query's realm, else in a backup realm that its user may ask, else
   * with the hosts of other federations. A built-in stands in only when none of these is left, and never for a batch.
   * `outgrown`: a window that is too small for the prompt, tokens.
   */
  best(query: Query, options: RouteOptions, refused: ReadonlySet<string>, outgrown = 0): Place | undefined {
    const exclude = refused.size === 0 ? options.avoidNodes : new Set([...options.avoidNodes, ...refused])
    const backups = this.#components.backupRealms(query.realm)
    for (const realOnly of [true, false]) {
      if (!realOnly && (isBatch(query) || this.#refusesBuiltIns(query))) return undefined
      const among = { exclude, realOnly, outgrown }
      const place = this.#bestIn(query.realm, query, options, among)
      if (place !== undefined) return place
      for (const realm of backups) {
        if (options.realms?.includes(realm) === false) continue
        const other = this.#bestIn(realm, query, options, among)
        if (other !== undefined) return other
      }
      const host = realOnly ? this.#atHosts(query, options, exclude) : undefined
      if (host !== undefined) return host
    }
    return undefined
  }

  /** The hosts are one place: which of them it is, they settle among themselves. */
  #atHosts(query: Query, { avoidWorkers }: RouteOptions, exclude: ReadonlySet<string>): Place | undefined {
    if (exclude.has(HOSTS) || query.hopsLeft === 0 || isBatch(query)) return undefined
    const { realm } = query
    const model = this.#components.hostModel(realm, query, avoidWorkers)
    if (model === undefined) return undefined
    return { node: HOSTS, model, cost: 0, hit: 'host', sure: true, realm, relation: 'friend', owner: HOSTS }
  }

  /**
   * Whether a search of the network may help: the query names a model that no node in reach offers within its scope.
   */
  isUnknown(query: Query): boolean {
    if (isAutoModel(query.model) || query.hopsLeft === 0 || query.scope === 'local') return false
    const { reach } = this.#components
    return !reach.isOffered(query, query.scope) && reach.misfit(query, query.scope) === undefined
  }

  /** The error for a query that has no place. `searchedMs`: for how long the network was searched; 0: a moment ago. */
  whyNone(query: Query, searchedMs?: number): RealmeshError {
    return whyNoPlace(query, this.#components.reach, searchedMs)
  }

  /** `query` leaves for a peer. Exactly one `noteOutcome` follows. */
  noteSent({ node, model, cost }: Place, { priority }: Pick<Query, 'priority'>): Sent {
    const { view, clock } = this.#components
    return view.noteSent(node, model, clock.monotonic(), cost, priority)
  }

  /** The first content of the answer came. */
  noteFirstEvent(sent: Sent): void {
    this.#components.view.noteFirstEvent(sent, this.#components.clock.monotonic())
  }

  noteOutcome(sent: Sent, outcome: SendOutcome): void {
    this.#components.view.noteOutcome(sent, outcome, this.#components.clock.monotonic())
  }

  /** The place refused a query as wrong in itself, and another one served it. */
  noteContradicted({ node, model }: Place): void {
    this.#components.view.noteContradicted(node, model, this.#components.clock.monotonic())
  }

  /** The node holds this conversation's prefix now. */
  noteAffinity(query: Query, node: string): void {
    const { affinity, clock } = this.#components
    if (isChat(query) && !isBatch(query)) affinity.remember(keysOf(query), node, clock.monotonic())
  }

  /** A program that named no model is told that the engines are down, not given a built-in for them. */
  #refusesBuiltIns(query: Query): boolean {
    return isAutoModel(query.model) && this.#components.reach.isServedByPeers(query, query.scope)
  }

  #bestIn(realm: string, query: Query, options: RouteOptions, among: Among): Place | undefined {
    const { view, clock, random, relationOf, ownerOf, log } = this.#components
    const question = this.#question(realm, query, options, among)
    const candidates = rankPeers(view, question, clock.monotonic(), random)
    log.ranked(query, realm, among.realOnly, candidates)
    const [choice] = candidates
    if (choice === undefined) return undefined
    const relation = choice.node === LOCAL ? OWN : relationOf(choice.node)
    return { ...choice, realm, relation, owner: isForeign(relation) ? ownerOf(choice.node) : OWN }
  }

  #question(realm: string, query: Query, options: RouteOptions, { exclude, realOnly, outgrown }: Among): RouteQuestion {
    const needs = needsOf(query)
    const local = exclude.has(LOCAL)
      ? undefined
      : this.#components.localOption(realm, query, { asker: options.asker, exclude: options.avoidWorkers, realOnly })
    return {
      model: query.model,
      type: query.type,
      realm,
      needs: modelNeeds(needs.capabilities),
      promptTokens: needs.promptTokens,
      outgrown,
      expectedTokens: expectedUnits(query),
      streamed: true,
      scope: query.hopsLeft > 0 ? query.scope : 'local',
      priority: query.priority,
      exclude,
      affinity: this.#affinityOf(realm, query),
      local,
    }
  }

  #affinityOf(realm: string, query: Query): string | undefined {
    const { affinity, clock, view } = this.#components
    if (!isChat(query) || affinity.size === 0 || view.pool(realm, query.model) === undefined) return undefined
    return affinity.holder(keysOf(query), clock.monotonic())
  }
}

/** Whether a place is reached through this node's own workers, and no peer. */
export function isByWorkers({ node }: Pick<Place, 'node'>): boolean {
  return node === LOCAL || node === HOSTS
}

/** Whether such a node is another owner's. */
export function isForeign(relation: Asker): boolean {
  return relation === 'friend' || relation === 'stranger'
}

const NO_NEEDS: ModelNeeds = {}

function modelNeeds(capabilities: readonly (keyof ModelNeeds)[]): ModelNeeds {
  if (capabilities.length === 0) return NO_NEEDS
  return Object.fromEntries(capabilities.map((capability) => [capability, true]))
}

const known = new WeakMap<ChatQuery['body']['messages'], readonly string[]>()

/**
 * The hashes of a conversation's prefixes; remembered as long as the conversation lives, since every try asks for them.
 */
function keysOf(query: ChatQuery): readonly string[] {
  const { messages } = query.body
  const found = known.get(messages)
  if (found !== undefined) return found
  const keys = prefixKeys(query.model, messages)
  known.set(messages, keys)
  return keys
}

function expectedUnits(query: Query): number {
  if (isChat(query)) return Math.min(query.body.sampling?.maxTokens ?? DEFAULT_ANSWER_TOKENS, DEFAULT_ANSWER_TOKENS)
  if (query.type === 'imagine') return query.body.count ?? 1
  if (query.type === 'embed') return query.body.inputs.length
  if (query.type === 'rerank') return query.body.documents.length
  return query.type === 'tokens' ? 0 : DEFAULT_ANSWER_TOKENS
}
