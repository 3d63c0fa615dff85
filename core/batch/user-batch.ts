/** A batch: a file of requests, one a line, answered when the rigs have nothing else to do. */

export const BATCH_STATUSES = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const

/** OpenAI's words. */
export type BatchStatus = (typeof BATCH_STATUSES)[number]

const ENDED: ReadonlySet<BatchStatus> = new Set(['failed', 'completed', 'expired', 'cancelled'])

/** Whether nothing more becomes of a batch in this status. */
export function isEnded(status: BatchStatus): boolean {
  return ENDED.has(status)
}

/** What is wrong with a file that is no batch. */
export interface BatchProblem {
  readonly code: string
  readonly message: string
  /** From 1. */
  readonly line?: number
  /** The field of the line. */
  readonly param?: string
}

/** Tokens of all lines that were answered. */
export interface BatchUsage {
  readonly promptTokens: number
  /** Of the prompts, read from memory, as far as engines tell. */
  readonly cachedTokens: number
  readonly completionTokens: number
  /** Of the answers, thoughts, likewise. */
  readonly reasoningTokens: number
}

export const NO_BATCH_USAGE: BatchUsage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 }

export interface UserBatch {
  readonly id: string
  /** The path that every line asks, such as `/v1/chat/completions`. */
  readonly endpoint: string
  /** As the user wrote it, such as `24h`. */
  readonly window: string
  readonly inputFile: string
  /** Ids of the files that it writes; each is there once it holds a line. */
  readonly outputFile: string
  readonly errorFile: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number
  readonly expiresAt: number
  readonly status: BatchStatus
  /** When it came to each status. */
  readonly times: Readonly<Partial<Record<BatchStatus, number>>>
  /** Lines; 0 until the file was looked at. */
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly usage: BatchUsage
  /** Why it failed. */
  readonly problems?: readonly BatchProblem[]
}

/** What became of one line, as a line of the output or of the error file. */
export interface LineResult {
  /** From 0. */
  readonly line: number
  readonly failed: boolean
  /** With its line feed. */
  readonly text: string
  readonly usage?: BatchUsage | undefined
}
