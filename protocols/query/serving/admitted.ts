/**
 * Whether a query is served is decided by its first frame: who asks, and for what. Until then nothing of its body is
 * received, parsed or kept.
 */
import type { RunQuery } from '../../../core/run/run-query.ts'
import type { PeerEnvelope } from '../frames/ask-codec.ts'

/** What is asked, as the first frame announces it. */
export interface AskedQuery extends PeerEnvelope {
  /** Length of the whole body. */
  readonly bodyBytes: number
}

/** A query that is served. */
export interface Admitted {
  /** Whether the asker is of the own federation: its bodies have room of their own. */
  readonly own: boolean
  /** Answers the query. */
  readonly run: RunQuery
}

/**
 * Decides. Rejects with what the asker is told; with `PROTOCOL_ERROR` when the asker breaks the rules by asking at all,
 * which ends its lane.
 */
export type AdmitQuery = (asked: AskedQuery) => Promise<Admitted>
