/** A model as a node offers it: what it can do, which is checked before a query is sent. */
import type { QueryType } from '../query/query.ts'
import type { SamplingValues } from '../query/receipt.ts'

export interface ModelCapabilities {
  readonly vision: boolean
  readonly tools: boolean
  readonly reasoning: boolean
  /** Answers that follow a JSON schema. */
  readonly structured: boolean
  /** Whether an answer can be continued from a given start (assistant prefill). */
  readonly prefill: boolean
  /** Tells how probable its tokens were. @default false */
  readonly logprobs?: boolean
  /** Goes on with any text as it is, without a template around it. @default false */
  readonly raw?: boolean
  /** Writes what stands between two texts. @default false */
  readonly infill?: boolean
  /** Answers that follow a grammar in GBNF. @default false */
  readonly grammar?: boolean
  /** Draws from a picture and a mask, not from a prompt alone. @default false */
  readonly edits?: boolean
  /** Looks at further pictures beside the one that it begins with. @default false */
  readonly references?: boolean
}

/** The names of what a model can do, as they travel. */
export const CAPABILITIES = [
  'vision',
  'tools',
  'reasoning',
  'structured',
  'prefill',
  'logprobs',
  'raw',
  'infill',
  'grammar',
  'edits',
  'references',
] as const satisfies readonly (keyof ModelCapabilities)[]

export interface Model {
  /** The exact name that the engine uses. */
  readonly name: string
  readonly types: readonly QueryType[]
  readonly capabilities: ModelCapabilities
  /**
   * Capabilities that the engine neither claims nor denies: taken for granted until it shows otherwise, and gladly left
   * to a model that is sure.
   */
  readonly unsure?: readonly (keyof ModelCapabilities)[]
  /** Tokens of prompt and answer together; absent when the engine does not tell. */
  readonly contextLength?: number
  /** Such as `Q4_K_M`. */
  readonly quantization?: string
  /** Such as `8B`. */
  readonly parameterSize?: string
  /** The engine's own digest of the model; `meta:…`: of what it tells of the weights, where it has none. */
  readonly digest?: string
  readonly family?: string
  /** Voices of a model that speaks, by the engine's names: `MAX_VOICES` at most, the engine may have more. */
  readonly voices?: readonly string[]
  /** SHA-256 of the chat template, hex. Stays at the node, for its receipts. */
  readonly template?: string
  /** What the engine takes where no sampling is sent, in its own words. Stays at the node, for its receipts. */
  readonly defaults?: SamplingValues
}
