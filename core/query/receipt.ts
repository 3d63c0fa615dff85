/** What truly happened to a query. Nothing of the prompt or the answer is in it. */

import type { ErrorCode } from '../realmesh-error.ts'
import type { Scope } from '../scope.ts'
import type { QueryType } from './query.ts'

/** What the node that served says about its part, under its own signature. */
export interface ServedPart {
  readonly node: string
  readonly worker: string
  readonly engine: string
  readonly model: string
  /** SHA-256 of the UTF-8 text (chat) or of the bytes (images, vectors) that this node sent, hex. */
  readonly answerHash: string
  readonly promptTokens: number
  readonly completionTokens: number
  /** Milliseconds in the serving node's queue. */
  readonly waitedMs: number
  /**
   * Base64 of an Ed25519 signature and the list that it signs: SHA-256 of the query id and the fields above, and of
   * others. Absent until the node signed.
   */
  readonly signature?: string
}

/** One try at one place, in the order of the tries. */
export interface Attempt {
  readonly node: string
  readonly worker?: string
  readonly engine?: string
  /** Milliseconds from the query's start to this try's start. */
  readonly startedMs: number
  /** Milliseconds from the try's start to the first event with content, if one came. */
  readonly firstEventMs?: number
  /** Milliseconds that the try lasted. */
  readonly tookMs: number
  /** Events with content that came from it. */
  readonly events: number
  readonly outcome: 'served' | 'cancelled' | ErrorCode
  readonly served?: ServedPart
}

export interface RouteReceipt {
  readonly id: string
  readonly type: QueryType
  readonly realm: string
  readonly scope: Scope
  readonly modelAsked: string
  /** Absent when nothing served. */
  readonly modelServed?: string
  readonly attempts: readonly Attempt[]
  /** Whether another node went on with an answer that had begun. */
  readonly continued: boolean
  /** `hedged`: a second node was asked before the first answered. */
  readonly hedged: boolean
  /** Milliseconds for which the network was searched for the model; absent when a node that serves it was known. */
  readonly searchedMs?: number
  /** Milliseconds for which the query waited at the asking node, all places being full; absent when it did not. */
  readonly waitedMs?: number
  /** Wall clock at the start, milliseconds since the epoch. */
  readonly at: number
  readonly totalMs: number
  /** Time that was neither a try, a search nor a wait for a free node: the asking node's own, microseconds. */
  readonly overheadUs: number
  readonly outcome: 'served' | 'cancelled' | ErrorCode
}
