/** Why a worker is not sent a query, though it could compute it. */
export interface Refusal {
  readonly reason: string
  /** When it is known when that ends. */
  readonly retryAfterMs?: number
}
