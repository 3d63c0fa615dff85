/**
 * An engine adapter: one piece of software that computes, at one address, behind one interface. It translates and
 * streams; it does not queue, choose, retry or judge health: that is the worker's part.
 */

import type { Model } from '../../core/model/model.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunQuery } from '../../core/run/run-query.ts'

/**
 * What an engine says of its own load. Everything is optional: the worker's own count of what it sent is always there.
 */
export interface EngineLoad {
  /** Queries that the engine can run at once. */
  readonly slots?: number
  /** Queries it runs now, those of others included. */
  readonly running?: number
  /** Queries that wait in the engine's own queue. */
  readonly queued?: number
  /** Names of the models in memory. */
  readonly warmModels?: readonly string[]
  readonly vramFreeBytes?: number
  readonly vramTotalBytes?: number
  /** Tokens per second of one running query, where the engine reports it without a query of ours. */
  readonly decodeRate?: number
  readonly prefillRate?: number
}

/** How a cancelled query stops the engine. */
export type CancelMode = 'disconnect' | 'interrupt' | 'none'

export interface Engine {
  /** Stable name of the kind: `ollama`, `llama-server`, `vllm`, `lm-studio`, `openai`, `builtin/guide`, … */
  readonly kind: string
  /** Base URL without a trailing slash; `builtin:` for what runs inside the node. */
  readonly url: string
  readonly cancelMode: CancelMode
  /** Queries at once when neither the owner nor the engine says: 1 for engines that serve one by one. */
  readonly defaultSlots: number
  /** While nothing is asked of it, it is looked at no more often than this, in milliseconds. @default 5000 */
  readonly idleLookMs?: number
  /**
   * Whether queries leave the owner's machines: such an engine serves scope `local` unless the owner says more, and is
   * probed rarely.
   */
  readonly cloud?: boolean

  /**
   * The models that the engine offers now. `named`: names that the owner vouches for, offered too by engines whose
   * lists may be short of them. Throws `ENGINE_FAILED`, `ENGINE_GARBAGE` or `TIMEOUT`.
   */
  models(options: { readonly signal: CancelSignal; readonly named?: readonly string[] }): Promise<readonly Model[]>

  /**
   * Runs one query of which `model` is an exact name from `models()`. Yields no `start` (the worker does), ends with
   * exactly one `end`. Throws `ENGINE_BUSY` when the engine refuses for load (health is not touched), `ENGINE_FAILED`,
   * `ENGINE_GARBAGE`, `CAPABILITY_MISSING`, `CONTEXT_TOO_LONG`, `MODEL_NOT_FOUND`. After an abort nothing more is
   * yielded and the engine is stopped.
   */
  readonly run: RunQuery

  /** The engine's own load signals; absent when it has none. */
  load?(options: { readonly signal: CancelSignal }): Promise<EngineLoad>

  /** Answers when the engine lives. Throws when it does not. */
  probe(options: { readonly signal: CancelSignal }): Promise<void>

  /** Releases connections and processes. */
  close(): Promise<void>
}
