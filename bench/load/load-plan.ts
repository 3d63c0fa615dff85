/** What the load process is told to do, and what it says in return. */

/** What the upstream says, over and over: it stands nowhere else in an answer. */
export const TOKEN = ' token'

export interface LoadPlan {
  readonly url: string
  /** The body of every request. Its prompt tells the upstream how to answer. */
  readonly body: object
  /** Headers of every request, beside type and length. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the answer comes in pieces. */
  readonly stream: boolean
  /** Closed loop: each of these users asks again as soon as it is answered. */
  readonly users?: number
  /** Open loop: arrivals per second, at random (Poisson). */
  readonly rate?: number
  readonly warmupMs: number
  readonly measureMs: number
  /** An answer that holds `mark` any other number of times counts as bad. */
  readonly expectMarks: number
  /** @default TOKEN */
  readonly mark?: string
  /** How often an answer says each token. @default 1 */
  readonly timesEach?: number
  /** Processes whose CPU is read over the measured window. */
  readonly pids: readonly number[]
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

export interface LoadResult {
  readonly seconds: number
  /** Requests that began and ended within the window. */
  readonly ok: number
  /** Requests that failed or whose answer was incomplete. */
  readonly bad: number
  readonly requestsPerSecond: number
  readonly tokensPerSecond: number
  /** Milliseconds to the first byte of the body, and to its end. */
  readonly firstMs: Percentiles
  readonly totalMs: Percentiles
  /** Undefined where there is no /proc. */
  readonly cpuUsPerRequest?: number
  readonly cpuUsPerToken?: number
  readonly cpuCores?: number
  readonly rssMb?: number
  /** Kinds of failure with their counts. */
  readonly failures: Readonly<Record<string, number>>
}
