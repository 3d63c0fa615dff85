/** What truly happened to a query. Nothing of the prompt or the answer is in it. */

import type { Path } from '../net/path.ts'
import type { ErrorCode } from '../realmesh-error.ts'
import type { Scope } from '../scope.ts'
import type { QueryType } from './query.ts'

/**
 * Of what a receipt says and of how a served part is signed. A part of another version can neither be verified nor be
 * wrong.
 */
export const RECEIPT_VERSION = 2

/**
 * Whether a served part was proved: `no` when it cannot be (unsigned, or of another version), `wrong` when its
 * signature is not of the node that sent it, or does not fit the answer that came.
 */
export type Verified = 'yes' | 'no' | 'wrong'

/** Settings of sampling under an engine's own names. Stop words are told by their number only. */
export type SamplingValues = Readonly<Record<string, number | boolean | string>>

/** By what an answer was computed, as the engine tells it; what it does not tell is absent. */
export interface ComputedBy {
  /** The engine's own digest of the model; `meta:…`: of what it tells of the weights, where it has no digest. */
  readonly digest?: string
  /** SHA-256 of the chat template, hex. */
  readonly template?: string
  /** Such as `Q4_K_M`. */
  readonly quantization?: string
  /** Sampling as it was sent. */
  readonly sent?: SamplingValues
  /** What the engine takes for that which was not sent. */
  readonly defaults?: SamplingValues
}

/** What the node that served says about its part, under its own signature. */
export interface ServedPart {
  /** `RECEIPT_VERSION` of the node that served. */
  readonly version: number
  readonly node: string
  readonly worker: string
  readonly engine: string
  readonly model: string
  readonly by: ComputedBy
  /** SHA-256 of the UTF-8 text (chat) or of the bytes (images, vectors) that this node sent, hex. */
  readonly answerHash: string
  /** The first 16 digits of the SHA-256 of each 64 tokens of text, for the first 64 such pieces. */
  readonly pieceHashes: string
  /** As the engine counted, 0 where it did not. */
  readonly promptTokens: number
  /** As the engine counted, 0 where it did not. */
  readonly completionTokens: number
  /** Milliseconds in the serving node's queue. */
  readonly waitedMs: number
  /** Milliseconds from the worker's start to the first content, where there was any. */
  readonly firstMs?: number
  /** Tokens per second of the answer: as the engine tells, else as it was measured; absent where neither can be. */
  readonly decodeRate?: number
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
  /** By which way the query went; absent where it stayed here, or no way was found. */
  readonly path?: Path
  /** Round trip of that way when the query left, milliseconds. */
  readonly rttMs?: number
  /** Milliseconds from the query's start to this try's start. */
  readonly startedMs: number
  /** Milliseconds from the try's start to the first event with content, if one came. */
  readonly firstEventMs?: number
  /** Milliseconds that the try lasted. */
  readonly tookMs: number
  /** Events with content that came from it. */
  readonly events: number
  readonly outcome: 'served' | 'cancelled' | ErrorCode
  /** Tokens of the prompt as the node counted them, of a peer at most what can be in what was sent. */
  readonly promptTokens?: number
  /** Tokens of its answer, of a peer at most what can be in what was seen. */
  readonly completionTokens?: number
  readonly served?: ServedPart
  /** Whether the served part was proved; absent while nobody looked. */
  readonly verified?: Verified
}

export interface RouteReceipt {
  /** `RECEIPT_VERSION` of the asking node. */
  readonly version: number
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
  /**
   * `wrong` when any part is; `yes` when the whole answer is told by parts that were proved; else `no`. Set when the
   * receipt is read.
   */
  readonly verified?: Verified
  readonly outcome: 'served' | 'cancelled' | ErrorCode
}
