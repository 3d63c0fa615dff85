/** How a program speaks one dialect: it writes a question, and reads what comes back. */

/** A question in nobody's dialect. */
export interface DoorAsk {
  readonly stream: boolean
  readonly prompt: string
  readonly model: string
  /** Names of tools, each with one parameter `place`. */
  readonly tools?: readonly string[]
  /** Base64 of a PNG. */
  readonly image?: string
  /** A JSON schema that the answer must follow. */
  readonly schema?: object
  readonly effort?: 'low'
  readonly maxTokens?: number
  readonly stop?: string
  /** Probabilities of the tokens, with so many others at the place of each. */
  readonly logprobs?: number
}

export interface DoorCall {
  readonly id: string | undefined
  readonly name: string
  readonly arguments: unknown
}

/** As the engine counted; undefined where the dialect does not tell. */
export interface DoorUsage {
  readonly prompt: number
  readonly completion: number
  readonly cached: number | undefined
  readonly reasoning: number | undefined
}

/** An answer, or as much of it as came. */
export interface DoorAnswer {
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly DoorCall[]
  /** Each token, its logarithm, and how many others are told at its place. */
  readonly logprobs: readonly (readonly [token: string, logprob: number, others: number])[]
  /** Why it ended, in the dialect's word; undefined when it did not. */
  readonly finish: string | undefined
  readonly usage: DoorUsage | undefined
  /** The text of an error. */
  readonly error: string | undefined
}

/** What is read where nothing is told. */
export const NOTHING: DoorAnswer = {
  text: '',
  reasoning: '',
  calls: [],
  logprobs: [],
  finish: undefined,
  usage: undefined,
  error: undefined,
}

/** What the suite shows of every door: a row of its table. */
export const CASES = [
  'chat',
  'stream',
  'tools',
  'parallel tools',
  'images',
  'structured output',
  'reasoning',
  'usage',
  'cached and reasoning tokens',
  'logprobs',
  'stop',
  'abort',
  'error before an answer',
  'consent',
  'error in mid-stream',
  'signs of life',
  'queue wait',
  'continued answer',
] as const
export type DoorCase = (typeof CASES)[number]

/**
 * A dialect has no words for it. What the door does then: it refuses the question with a text that helps, or it
 * answers, names the field that had no effect, and tells the rest as ever.
 */
export type Speechless = { readonly because: string } & (
  | { readonly refused: RegExp }
  | { readonly ignored?: string; readonly answered: Partial<DoorAnswer> }
)

/** A dialect. */
export interface Door {
  readonly name: string
  readonly path: string
  body(ask: DoorAsk): object
  /** Reads a body, of an answer or of an error. Throws for what is no body of the dialect. */
  whole(body: string): DoorAnswer
  /** Reads a stream as far as it goes. Throws for what is no stream of the dialect. */
  stream(body: string): DoorAnswer
  /** Its words for an answer that is whole, one at the limit of tokens, and one that calls tools. */
  readonly ends: { readonly stop: string; readonly length: string; readonly calls: string }
  readonly cannot: Readonly<Partial<Record<DoorCase, Speechless>>>
}

/** The schema of each tool's arguments. */
export const TOOL_SCHEMA = { type: 'object', properties: { place: { type: 'string' } } }
