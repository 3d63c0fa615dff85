/** How a stub engine misbehaves, and how fast it is. */

export const FAIL_MODES = ['none', 'error', 'busy', 'cut', 'garbage', 'hang', 'streamed-error', 'endless-line'] as const

/**
 * `error`: 500 before anything. `busy`: the engine's refusal for load. `cut`: the connection ends after `failAfter`
 * tokens. `garbage`: words that are no protocol, there. `hang`: nothing more comes. `streamed-error`: the engine's
 * error in the stream. `endless-line`: one line without end.
 */
export type FailMode = (typeof FAIL_MODES)[number]

export interface StubKnobs {
  /** Names of the models. */
  readonly models: readonly string[]
  /** How many of the offered tools an answer calls, in their order. */
  readonly toolCalls: number
  /** 1: tools are refused, as by a vLLM that was started without a parser for them. */
  readonly refusesTools: number
  /** Tokens that a model is loaded with. */
  readonly contextLength: number
  /** Paths that the stub does not have, as other versions and imitations do not. */
  readonly missing: readonly string[]
  /** Milliseconds before the first token. */
  readonly ttftMs: number
  /** Milliseconds between tokens. */
  readonly tokenMs: number
  /** Tokens of a whole answer. */
  readonly tokens: number
  /** Queries at once; more wait in the stub, as in the real engines. */
  readonly slots: number
  readonly fail: FailMode
  /** Tokens before the failure. */
  readonly failAfter: number
  /** How many queries fail before all is well; 0 means every one. */
  readonly failCount: number
  /** Milliseconds that the first query of a model waits for its load. */
  readonly loadMs: number
  /**
   * How many requests are answered by `Loading model` before the stub serves, where the kind loads so; -1 until the
   * knob is turned.
   */
  readonly loadingReplies: number
  /** Milliseconds between a streamed answer and the FIN behind it, where the kind closes the connection after each. */
  readonly finMs: number
  /** Tokens after which the stub waits for `release()`; -1 for never. */
  readonly pauseAfter: number
  /** Bytes per write, cut anywhere, inside characters too; 0 writes each frame whole. */
  readonly pieceBytes: number
}

export const DEFAULT_KNOBS: StubKnobs = {
  models: ['tiny', 'embedder'],
  toolCalls: 1,
  refusesTools: 0,
  contextLength: 4096,
  missing: [],
  ttftMs: 0,
  tokenMs: 0,
  tokens: 24,
  slots: 4,
  fail: 'none',
  failAfter: 3,
  failCount: 0,
  loadMs: 0,
  loadingReplies: 0,
  finMs: 0,
  pauseAfter: -1,
  pieceBytes: 0,
}

/**
 * Knobs from outside (a command line or a request), taking only what is known; the type of the default decides how a
 * text is read.
 */
export function readKnobs(given: Readonly<Record<string, unknown>>): Partial<StubKnobs> {
  const entries = Object.entries<unknown>({ ...DEFAULT_KNOBS }).flatMap(([key, usual]): [string, unknown][] => {
    const value = given[key]
    if (value === undefined) return []
    if (typeof usual === 'number') return [[key, Number(value)]]
    if (Array.isArray(usual)) return [[key, Array.isArray(value) ? (value as unknown[]) : String(value).split(',')]]
    return [[key, String(value)]]
  })
  return Object.fromEntries(entries) as Partial<StubKnobs>
}
