/** What the node and the process that holds llama.cpp say to each other. */
import type { ResponseFormat, Sampling } from '../../core/query/query.ts'
import type { FinishReason } from '../../core/query/query-event.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'

export interface LlamaSettings {
  readonly modelFile: string
  /** What is imported: `node-llama-cpp`, or the URL of its main file when it is installed elsewhere. */
  readonly module: string
  readonly gpu: boolean
  readonly threads: number
  /** Answers at once. */
  readonly sequences: number
  /** Tokens per answer, prompt included; the model's own limit counts when it is lower. */
  readonly contextSize: number
}

export interface LlamaTurn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
}

export interface LlamaChatRequest {
  readonly type: 'chat'
  readonly id: number
  readonly turns: readonly LlamaTurn[]
  /** Instead of turns: a text that is gone on with as it is. */
  readonly raw?: string
  readonly prefill?: string
  readonly sampling: Sampling
  readonly format: ResponseFormat
  /** GBNF; stronger than the format. */
  readonly grammar?: string
}

export interface LlamaEmbedRequest {
  readonly type: 'embed'
  readonly id: number
  readonly inputs: readonly string[]
}

export type ToLlama =
  | { readonly type: 'load'; readonly settings: LlamaSettings }
  | LlamaChatRequest
  | LlamaEmbedRequest
  | { readonly type: 'cancel'; readonly id: number }

export interface LlamaInfo {
  readonly contextLength: number
  readonly sequences: number
  /** The chat template in the file. */
  readonly template?: string
  readonly quantization?: string
}

export type FromLlama =
  /** The share of the model that is read, 0 to 1. */
  | { readonly type: 'loading'; readonly fraction: number }
  | { readonly type: 'ready'; readonly info: LlamaInfo }
  /** SHA-256 of the model's file, hex; comes some time after `ready`. */
  | { readonly type: 'digest'; readonly digest: string }
  /** There is no model to ask; `missing`: because llama.cpp is not installed. */
  | { readonly type: 'unusable'; readonly missing: boolean; readonly message: string }
  | { readonly type: 'text' | 'reasoning'; readonly id: number; readonly text: string }
  | { readonly type: 'vector'; readonly id: number; readonly vector: readonly number[] }
  | {
      readonly type: 'end'
      readonly id: number
      readonly finishReason: FinishReason
      readonly promptTokens: number
      readonly completionTokens: number
    }
  | { readonly type: 'error'; readonly id: number; readonly code: ErrorCode; readonly message: string }
