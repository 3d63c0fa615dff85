/** The node as the gateway sees it: accepts queries, answers for them to the end, and tells how the node is. */

import { hash } from 'node:crypto'
import type { RealmeshConfig } from '../config/config.ts'
import type { Query } from '../core/query/query.ts'
import type { QueryEvent } from '../core/query/query-event.ts'
import type { RouteReceipt } from '../core/query/receipt.ts'
import { RealmeshError } from '../core/realmesh-error.ts'
import type { CancelSignal } from '../core/run/cancel-signal.ts'
import { relayedRun } from '../core/run/relayed-run.ts'
import { type Startable, startAll, stopAll } from '../core/run/startable.ts'
import type { Scope } from '../core/scope.ts'
import type { SwarmSums } from '../core/swarm-sums.ts'
import type { Federation } from './api/federation.ts'
import type { KeptBatches } from './api/kept-batches.ts'
import type { KeptFiles } from './api/kept-files.ts'
import type { KeptResponses } from './api/kept-responses.ts'
import type { KnownUsers } from './api/known-users.ts'
import type { AcceptedQuery, ListedModel, NodeApi, NodeStatus, PeerStatus, QueryRequest } from './api/node-api.ts'
import type { NodeControl } from './api/node-control.ts'
import { userBanned } from './api/user-banned.ts'
import type { DrainSwitch } from './control/drain-switch.ts'
import type { NodeDescription } from './operate/node-description.ts'
import type { QueriesById } from './query/queries-by-id.ts'
import { type QueryIntakeComponents, type TakenIn, takeIn } from './query/query-intake.ts'
import { type QueryAdmission, QueryRun, type QueryRunComponents } from './query/query-run.ts'
import type { ReceiptProofs } from './receipt/receipt-proofs.ts'
import type { Registry } from './registry/registry.ts'

/** What the node is made of; create-node.ts puts it together. */
export interface RealmeshNodeComponents extends QueryRunComponents {
  readonly intake: QueryIntakeComponents
  readonly byId: QueriesById
  /** Started in this order, stopped in reverse. */
  readonly parts: readonly Startable[]
  /** Tells the swarm, and stops taking in queries. */
  readonly announceDraining: () => void
  /** Resolves when no query of a peer runs here any more. */
  readonly servedPeers: () => Promise<void>
  readonly describe: Pick<NodeDescription, 'status' | 'peers' | 'models' | 'model' | 'addresses'>
  readonly registry: Pick<Registry, 'sums'>
  /** libp2p's own, as text. */
  readonly figures: () => Promise<string>
  /** Told of every query that ended. */
  readonly onEnded: (receipt: RouteReceipt) => void
  readonly federation: Federation
  readonly responses: KeptResponses
  readonly files: KeptFiles
  readonly batches: KeptBatches
  readonly users: KnownUsers & QueryAdmission
  /** Makes a receipt fit to be read. */
  readonly proofs: Pick<ReceiptProofs, 'proved'>
  /** Applies a changed configuration while queries run. Throws before anything changed when it cannot be applied. */
  readonly apply: (config: RealmeshConfig) => Promise<void>
  readonly control: NodeControl
  /** The operator's wish that it takes no new query. */
  readonly drains: Pick<DrainSwitch, 'on' | 'assertOff'>
}

export interface RealmeshNodeInit {
  readonly peerId: string
}

/** What is no failure of anything: the client left, or the operator ended it. */
const ENDED_ON_PURPOSE: ReadonlySet<RouteReceipt['outcome']> = new Set(['cancelled', 'TERMINATED', 'USER_BANNED'])

export class RealmeshNode implements NodeApi, Startable {
  readonly peerId: string
  readonly federation: Federation
  readonly responses: KeptResponses
  readonly files: KeptFiles
  readonly batches: KeptBatches
  readonly users: KnownUsers
  /** What the operator may do; not for the users of the gateway. */
  readonly control: NodeControl
  readonly #components: RealmeshNodeComponents
  readonly #idle = new Set<() => void>()
  #running = 0
  #served = 0
  #failed = 0
  #forwarded = 0
  #draining = false
  /** The start that goes on or succeeded; undefined when nothing is to be stopped. */
  #started: Promise<void> | undefined

  constructor(components: RealmeshNodeComponents, init: RealmeshNodeInit) {
    this.#components = components
    this.control = components.control
    this.federation = components.federation
    this.responses = components.responses
    this.files = components.files
    this.batches = components.batches
    this.users = components.users
    this.peerId = init.peerId
  }

  /** A start that fails leaves nothing behind. */
  async start(): Promise<void> {
    this.#started ??= startAll(this.#components.parts)
    try {
      await this.#started
    } catch (error) {
      this.#started = undefined
      throw error
    }
  }

  async stop(): Promise<void> {
    const started = this.#started
    if (started === undefined) return
    this.#started = undefined
    this.#draining = true
    try {
      await started
    } catch {
      return // it is undone already, and told to the one that started it
    }
    await stopAll(this.#components.parts)
  }

  /** Says so to the swarm, takes nothing new, and waits until what runs has ended or `timeoutMs` is over. */
  async drain(timeoutMs: number): Promise<void> {
    if (!this.#draining) {
      this.#draining = true
      this.#components.announceDraining()
    }
    const { clock, servedPeers } = this.#components
    await new Promise<void>((resolve) => {
      const cancel = clock.after(timeoutMs, resolve)
      void Promise.all([this.#ownEnded(), servedPeers()]).then(() => {
        cancel()
        resolve()
      })
    })
  }

  query(request: QueryRequest, options: { readonly signal: CancelSignal }): AcceptedQuery {
    if (this.#draining)
      throw new RealmeshError('DRAINING', 'this node is about to stop', { fix: 'ask again in a moment' })
    if (this.users.isBanned(request.user)) throw userBanned()
    this.#components.drains.assertOff()
    const taken = takeIn(request, this.#components.intake)
    const events = this.#events(taken, request, options.signal)
    return { id: taken.query.id, events: request.wantsReceipt === true ? this.#withProof(events) : events }
  }

  models(scope?: Scope): readonly ListedModel[] {
    return this.#components.describe.models(scope)
  }

  model(name: string, scope?: Scope): ListedModel | undefined {
    return this.#components.describe.model(name, scope)
  }

  status(): NodeStatus {
    const queries = { running: this.#running, served: this.#served, failed: this.#failed, forwarded: this.#forwarded }
    return this.#components.describe.status(queries, this.#draining || this.#components.drains.on)
  }

  swarm(): SwarmSums | undefined {
    return this.#components.registry.sums()
  }

  peers(): readonly PeerStatus[] {
    return this.#components.describe.peers()
  }

  figures(): Promise<string> {
    return this.#components.figures()
  }

  /** Multiaddrs where others reach this node. */
  addresses(): readonly string[] {
    return this.#components.describe.addresses()
  }

  async receipt(id: string, user: string): Promise<RouteReceipt | undefined> {
    const receipt = this.#components.byId.receipt({ user, id })
    return receipt === undefined ? undefined : this.#components.proofs.proved(receipt)
  }

  /** Takes over a changed configuration without dropping a query; what needs a restart is left as it is. */
  async reload(config: RealmeshConfig): Promise<void> {
    await this.#components.apply(config)
  }

  #events(taken: TakenIn, request: QueryRequest, signal: CancelSignal): AsyncIterable<QueryEvent> {
    const run = (signal: CancelSignal): AsyncIterable<QueryEvent> => this.#run(taken, request, signal)
    if (request.id === undefined || request.answered !== undefined) return run(signal)
    const { user, id, type, model, scope, body } = request
    // Of a recording a digest stands for it.
    const asked = 'audio' in body ? { ...body, audio: hash('sha256', body.audio) } : body
    return this.#components.byId.join({ user, id }, [type, model, scope, asked], run).read(signal)
  }

  async *#withProof(events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent> {
    for await (const event of events) {
      if (event.kind !== 'end' || event.receipt === undefined) yield event
      else yield { ...event, receipt: this.#components.proofs.proved(event.receipt) }
    }
  }

  /** Resolves when no query that began here runs. */
  #ownEnded(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.add(resolve))
  }

  #run({ query, realm }: TakenIn, request: QueryRequest, signal: CancelSignal): AsyncIterable<QueryEvent> {
    const { avoid, continuation, keepsTexts, answered, permitted } = request
    const idChosen = request.id !== undefined
    const { totalMs } = realm.config.limits
    const onBegun = (): void => {
      this.#running += 1
    }
    const onEnded = (receipt: RouteReceipt, begun: boolean): void => {
      this.#running -= 1
      if (begun) this.#ended(query, receipt)
      if (this.#running === 0) this.#tellIdle()
    }
    const wishes = { avoid, continuation, keepsTexts, answered, realms: permitted?.realms }
    return relayedRun(new QueryRun(this.#components, { query, idChosen, signal, totalMs, ...wishes, onBegun, onEnded }))
  }

  #ended(query: Query, receipt: RouteReceipt): void {
    if (receipt.outcome === 'served') {
      this.#served += 1
      if (receipt.attempts.at(-1)?.node !== this.peerId) this.#forwarded += 1
    } else if (!ENDED_ON_PURPOSE.has(receipt.outcome)) this.#failed += 1
    this.#components.byId.keepReceipt(query.user, receipt)
    this.#components.onEnded(receipt)
  }

  #tellIdle(): void {
    for (const tell of this.#idle) tell()
    this.#idle.clear()
  }
}
