/** What the gateway may ask of a node: the whole surface between people's programs and the swarm. */

import type { Model } from '../../core/model/model.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { Path, PathKind } from '../../core/net/path.ts'
import type { ChatBody, EmbedBody, ImagineBody, Priority, RerankBody, TokensBody } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import type { SpeakBody, TranscribeBody } from '../../core/query/sound.ts'
import type { TraceContext } from '../../core/query/trace-context.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Relation, Scope } from '../../core/scope.ts'
import type { SwarmSums } from '../../core/swarm-sums.ts'
import type { DeniedPeer } from '../../discovery/guard/deny-list.ts'
import type { PunchCounts } from '../../discovery/punch/punching.ts'
import type { PunchingState } from '../../discovery/punch/punching-state.ts'
import type { WaysInStatus } from '../../discovery/ways-in/ways-in.ts'
import type { Federation } from './federation.ts'
import type { KeptBatches } from './kept-batches.ts'
import type { KeptFiles } from './kept-files.ts'
import type { KeptResponses } from './kept-responses.ts'
import type { KnownUsers } from './known-users.ts'
import type { Permitted } from './permitted.ts'

/** A query as the gateway parsed it, before the node gave it a realm and checked its scope. */
export type QueryRequest = {
  /** Chosen by the client for idempotency; made by the node when absent. */
  readonly id?: string
  readonly model: string
  /** Narrows or widens this query within what the owner allowed. Default: the node's own scope. */
  readonly scope?: Scope
  /** The widest scope that the owner allows this user. Default: no limit of their own. */
  readonly scopeLimit?: Scope
  /** What the owner allows this user to ask for. Default: everything. */
  readonly permitted?: Permitted
  /** Local user key for fair queueing and receipts. */
  readonly user: string
  /** Peers that must not serve it, by id; used by tests and by people who had enough of a peer. */
  readonly avoid?: readonly string[]
  /** Where the query belongs in the client's own tracing. */
  readonly trace?: TraceContext
  /** `false` ends a broken answer with an error instead of continuing it elsewhere. Default true. */
  readonly continuation?: boolean
  /** `batch`: refused with `REALM_OVERLOADED` where nothing is idle; gives way to all others. @default live */
  readonly priority?: Priority
  /** The receipt at the end is proved. @default false: it is proved when it is read */
  readonly wantsReceipt?: boolean
  /** `false`: what it used is written down, but nothing of its texts. @default as the user keeps history */
  readonly keepsTexts?: boolean
  /**
   * What the client has of the answer, from a run that ended with its process: only the rest comes, right behind its
   * last character. Throws `ANSWER_CUT` where nobody can go on with it. @default nothing
   */
  readonly answered?: readonly QueryEvent[]
} & (
  | { readonly type: 'chat'; readonly body: ChatBody }
  | { readonly type: 'imagine'; readonly body: ImagineBody }
  | { readonly type: 'embed'; readonly body: EmbedBody }
  | { readonly type: 'rerank'; readonly body: RerankBody }
  | { readonly type: 'tokens'; readonly body: TokensBody }
  | { readonly type: 'transcribe'; readonly body: TranscribeBody }
  | { readonly type: 'speak'; readonly body: SpeakBody }
)

/** A query that was accepted: its id is known before the first event. */
export interface AcceptedQuery {
  readonly id: string
  readonly events: AsyncIterable<QueryEvent>
}

/** A model of the swarm as this node sees it. */
export interface ListedModel {
  readonly model: Model
  /** Peer ids of the nodes that offer it to us within our scope, this one included. */
  readonly nodes: readonly string[]
  /** Those of them that have it in memory now, as far as they tell. */
  readonly loaded: readonly string[]
  readonly local: boolean
  /** Engine kinds that serve it here; empty when only others do. */
  readonly engines: readonly string[]
}

export interface RealmStatus {
  readonly name: string
  readonly primaryQueryType: string
  readonly workers: number
  /** Connected nodes that serve it to this one. */
  readonly peers: number
  readonly slots: number
  readonly running: number
  readonly queued: number
  readonly processedQueries: number
  readonly errorCount: number
  /** Seconds. */
  readonly avgProcessingTime: number
  /** Seconds of the latest queries that were answered here, oldest first. */
  readonly processingTimes: readonly number[]
  /** Own queries of this realm that a backup realm answered. */
  readonly crossRealm: number
  /** Engines here that can be used, built-ins aside: how much of each one's slots is taken, 0 to 1. */
  readonly utilization: Readonly<Record<string, number>>
  /** Names of its groups of workers. */
  readonly pools: readonly string[]
  /** One line when the realm has workers here and fewer than it wants. */
  readonly warning?: string
}

export interface PeerStatus {
  readonly id: string
  /** What its owner calls it; proves nothing. Empty until it said so. */
  readonly name: string
  readonly label: string
  readonly connected: boolean
  readonly relation: Relation
  /** What this node is to it, where it said so. */
  readonly theirs?: Relation
  readonly realms: readonly string[]
  readonly models: readonly string[]
  /** What the owner of this node calls it. */
  readonly called?: string
  readonly running: number
  readonly queued: number
  readonly slots: number
  readonly draining: boolean
  /** Its owner serves no others for now. */
  readonly paused: boolean
  /** By which way new queries go to it; absent while it is not connected. */
  readonly path?: Path
  /** Milliseconds; absent until measured. */
  readonly rttMs?: number
  /** 0 to 1 over recent queries of ours; absent until one was sent. */
  readonly successRate?: number
  /** Milliseconds since we last heard from it. */
  readonly heardMsAgo: number
  /** `open` means that we do not send to it for now. */
  readonly breaker: 'closed' | 'open' | 'half-open'
}

/** Connected peers to which one kind of way leads. */
export interface PathCount {
  readonly kind: PathKind
  readonly peers: number
  /** The middle one of their round trips, milliseconds; absent until one is measured. */
  readonly rttMs?: number
}

/** How others reach this node. */
export interface ReachStatus {
  /** Whether others can dial it where its peers are, as far as they have told. */
  readonly dialable: 'yes' | 'no' | 'unknown'
  /** From where: of `private` peers in the local network alone were met, of `machine` those of this host. */
  readonly zone?: 'public' | 'private' | 'machine'
  /** Peer ids of the relays through which others reach it. */
  readonly relays: readonly string[]
  /** What it carries for others: connections now, and bytes since its start. */
  readonly carried: { readonly circuits: number; readonly bytes: number }
  /** How far direct ways are to peers that it reaches over relays, and whether it can open some through routers. */
  readonly direct: PunchCounts & { readonly webRtc: PunchingState }
}

/** What the swarm has cost in bytes since the start. */
export interface TrafficStatus {
  /** All that connections have carried, encrypted. */
  readonly sent: number
  readonly received: number
  /** By protocol; queries, encryption and multiplexing are what is left of all. */
  readonly parts: Readonly<Record<string, { readonly sent: number; readonly received: number }>>
  /** Of all parts together. `spent`: it is above its budget, so that less is done. */
  readonly background: { readonly bytes: number; readonly mbPerDay: number; readonly spent: boolean }
}

export interface NodeStatus {
  readonly peerId: string
  /** What people call this node. */
  readonly name: string
  readonly version: string
  readonly network: string
  readonly federation: { readonly id: string; readonly label: string }
  readonly scope: Scope
  readonly share: Scope
  readonly addresses: readonly string[]
  readonly reach: ReachStatus
  readonly uptimeMs: number
  readonly draining: boolean
  /** While its owner serves no others. `untilMs` is the wall clock; absent: until they resume. */
  readonly paused?: { readonly untilMs?: number }
  /** `troubles`: one line for each that is not reached or whose clock is wrong; among the warnings too. */
  readonly peers: {
    readonly connected: number
    readonly known: number
    /** The connected, by the way to them; ways that lead to none are left out. */
    readonly paths: readonly PathCount[]
    readonly troubles: readonly string[]
    /** Shut out for breaking rules, the latest first, MAX_TOLD_DENIALS at most. */
    readonly denied: readonly DeniedPeer[]
  }
  /** How it came into the swarm, or what is tried and what to do while it is alone. */
  readonly waysIn: WaysInStatus
  readonly traffic: TrafficStatus
  readonly realms: readonly RealmStatus[]
  readonly workers: readonly WorkerStatus[]
  readonly queries: {
    readonly running: number
    readonly served: number
    readonly failed: number
    readonly forwarded: number
  }
  /**
   * Own queries that a backup realm or another federation answered, and those for which no place was found; the names
   * are RENT-A-HAL's.
   */
  readonly routing: {
    readonly cross_realm_queries: number
    readonly cross_federation_queries: number
    readonly failed_routes: number
  }
  /** Second nodes that were asked because the first was slow to begin, and how many more may be asked now. */
  readonly hedges: { readonly made: number; readonly saved: number }
  /** Whether the node has engines, and yet all its answers have come from others for longer than `degraded_after`. */
  readonly degraded: boolean
  /** Things the operator should know, one line each. */
  readonly warnings: readonly string[]
}

export interface NodeApi {
  readonly peerId: string
  /** For HTTP hosts of other federations. */
  readonly federation: Federation
  /** Answers that users may come back to. */
  readonly responses: KeptResponses
  readonly files: KeptFiles
  readonly batches: KeptBatches
  readonly users: KnownUsers
  /**
   * Accepts and runs a query. Rejects by throwing on the first pull of `events`, or at once when the request itself is
   * wrong.
   */
  query(request: QueryRequest, options: { readonly signal: CancelSignal }): AcceptedQuery
  /** Models that a query of `scope` (default: the node's own) can reach now. */
  models(scope?: Scope): readonly ListedModel[]
  /** The one of them that a name means; undefined where there is none. Costs no list of all. */
  model(name: string, scope?: Scope): ListedModel | undefined
  status(): NodeStatus
  peers(): readonly PeerStatus[]
  /** What everyone may know of the swarm; undefined where the owner does not want it told. */
  swarm(): SwarmSums | undefined
  /** What libp2p tells of itself, as Prometheus reads it; asked at this moment. */
  figures(): Promise<string>
  /** The receipt of a finished query of `user`; undefined when there is none or it is another user's. */
  receipt(id: string, user: string): Promise<RouteReceipt | undefined>
}
