/** What is asked of the ranking: one query, reduced to what decides where it may and should go. */
import type { ModelLoad } from '../../core/model/load.ts'
import type { Priority, QueryType } from '../../core/query/query.ts'
import type { Scope } from '../../core/scope.ts'

/** What a query needs of a model beyond its type. Absent means not needed. */
export interface ModelNeeds {
  readonly vision?: boolean
  readonly tools?: boolean
  readonly structured?: boolean
  readonly reasoning?: boolean
  /** The answer goes on from a given start. */
  readonly prefill?: boolean
  /** The probabilities of tokens are told. */
  readonly logprobs?: boolean
  /** A text is gone on with as it is. */
  readonly raw?: boolean
  readonly infill?: boolean
  readonly edits?: boolean
  readonly references?: boolean
  readonly grammar?: boolean
}

/** This node's own workers as a candidate. The caller has checked that they can serve the query. */
export interface LocalOption {
  /** The exact name that the engine here uses. */
  readonly model: string
  /** Tokens that the model holds; absent when the engine does not say. */
  readonly contextLength?: number
  /** Whether the engine here is known to have all that the query needs. @default true */
  readonly sure?: boolean
  /** The same figures as a load record, at this moment. */
  readonly load: ModelLoad
}

export interface RouteQuestion {
  /** As the client wrote it; `''` or `auto` for any that fits. */
  readonly model: string
  readonly type: QueryType
  readonly realm: string
  readonly needs: ModelNeeds
  /** Estimated length of the prompt; 0 for images. */
  readonly promptTokens: number
  /** A window that is known to be too small for the prompt: models must hold more, or not say. @default 0 */
  readonly outgrown?: number
  /** Estimated length of the answer, in the unit of the load record's `decodeRate`: tokens, or images. */
  readonly expectedTokens: number
  /** When not, the whole answer counts, not only its first event. */
  readonly streamed: boolean
  readonly scope: Scope
  /** `batch`: only peers that are idle as far as is known. @default live */
  readonly priority?: Priority | undefined
  /** Peers that were tried already, or that the user does not want. */
  readonly exclude: ReadonlySet<string>
  /** The peer that holds the conversation's prefix. */
  readonly affinity?: string | undefined
  /** Absent when nothing here can serve it, or it must not be served here. */
  readonly local?: LocalOption | undefined
}
