/**
 * What the gateway may ask of the node for HTTP hosts of other federations: who they are, what they are told of this
 * one, and how their queries are run.
 */
import type { ChatBody, ImagineBody } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { TraceContext } from '../../core/query/trace-context.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Relation } from '../../core/scope.ts'

/** Longest name and address that is taken of what a host says. */
export const MAX_HOST_WORD = 256

/** Types of query in one advertisement; RENT-A-HAL has three. */
export const MAX_HOST_SERVICES = 16

/** Federations that one query passes at most, the asker's own among them. */
export const MAX_VIA = 8

/** A host that the owner lists and that may ask. */
export interface KnownHost {
  readonly name: string
  readonly relation: Relation
  /** Who it must say that it is; undefined: whatever it says. */
  readonly federationId: string | undefined
}

/** What a federation serves of one type of query. */
export interface HostService {
  readonly realm: string
  readonly workers: number
}

export type HostServices = Readonly<Record<string, HostService>>

/** A federation as it tells of itself, or as others tell of it. */
export interface ToldHost {
  readonly federationId: string
  readonly callbackUrl: string
  readonly services: HostServices
}

/** A host that the owner does not list. It is never called. */
export interface NotedHost extends ToldHost {
  /** The address it came from, or the name of the host that told of it. */
  readonly from: string
  /** Wall clock, milliseconds. */
  readonly at: number
}

export interface HostRealm {
  readonly name: string
  readonly type: string
  /** Workers that serve such an asker. */
  readonly workers: number
  readonly processed: number
  readonly errors: number
  /** Seconds. */
  readonly avgProcessingTime: number
}

/** A model that such an asker may name. */
export interface HostModel {
  readonly name: string
  readonly types: readonly string[]
  readonly contextLength?: number | undefined
}

/** What is told of this node to an asker. */
export interface HostView {
  readonly realms: readonly HostRealm[]
  readonly models: readonly HostModel[]
  /** Queries at once. */
  readonly slots: number
}

/** A query that a host sends. */
export type HostQuery = {
  /** Unique among the queries of its way. Made here when absent. */
  readonly id?: string
  readonly model: string
  /** Federations that had it, the one where it began first. */
  readonly via: readonly string[]
  /** How often this node may hand it on. */
  readonly hopsLeft: number
  readonly trace?: TraceContext
} & ({ readonly type: 'chat'; readonly body: ChatBody } | { readonly type: 'imagine'; readonly body: ImagineBody })

/** A query of a host that was accepted. */
export interface AcceptedHostQuery {
  readonly id: string
  readonly events: AsyncIterable<QueryEvent>
}

export interface Federation {
  /** What this federation calls itself. */
  readonly id: string
  /** Where hosts reach it, as its owner says. */
  readonly callbackUrl: string
  /** The host whose token has this SHA-256, hex; undefined where there is none, or it may not ask. */
  hostOf(tokenHash: string): KnownHost | undefined
  /** What an asker may have of this node. `own`: its own users. */
  view(asker: Relation | 'own'): HostView
  /** A listed host says who it is and what it serves. */
  heard(host: KnownHost, told: ToldHost): void
  /** One that is not listed says so: noted for the owner, and no more. */
  note(told: ToldHost, from: string): void
  /** The listed hosts that said what they serve, but for the one that asks. */
  others(host: KnownHost): readonly ToldHost[]
  /** Hosts that are not listed and were heard of, the latest first. */
  noted(): readonly NotedHost[]
  /**
   * Accepts a query of a host, as one of a peer: it runs here within share and limits, and goes on to another host only
   * where it has hops left. Throws, or rejects the first pull of `events`, with `SHARE_REFUSED`, `REALM_NOT_FOUND`,
   * `REALM_OVERLOADED`, `NODE_LIMIT` and what a run throws; `PROTOCOL_ERROR` for a query that was here already.
   */
  route(host: KnownHost, query: HostQuery, options: { readonly signal: CancelSignal }): AcceptedHostQuery
}
