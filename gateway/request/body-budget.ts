/**
 * How much of requests the gateway holds in memory, all of them together: each body is bounded, and a thousand of the
 * largest would still be more than a machine has.
 */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { HttpRefusal } from './errors.ts'

/**
 * Bytes of all bodies together, from their first byte to the end of their answer. Sixteen of the largest at once; of
 * texts alone more than ten thousand.
 */
export const MAX_BODIES_BYTES = 256 * 1024 * 1024

/**
 * What each body may have without being counted: a conversation, and every command of the owner. As many of these as
 * there are connections (2,000) are half of the budget, so a flood of large bodies keeps no small one out.
 */
export const UNCOUNTED_BYTES = 64 * 1024

export interface BodyBudgetInit {
  /** @default MAX_BODIES_BYTES */
  readonly maxBytes?: number
}

export class BodyBudget {
  readonly #maxBytes: number
  #held = 0

  constructor({ maxBytes = MAX_BODIES_BYTES }: BodyBudgetInit = {}) {
    this.#maxBytes = maxBytes
  }

  /** Bytes that are counted now. */
  get held(): number {
    return this.#held
  }

  /** The share of one request, or connection; it is given back when `response` has ended or its client is gone. */
  shareOf(response: Pick<ServerResponse | Duplex, 'once' | 'closed'>): BodyShare {
    let taken = 0
    let over = false
    response.once('close', () => {
      over = true
      this.#held -= counted(taken)
      taken = 0
    })
    return {
      take: (bytes) => {
        if (over || response.closed) return
        const more = counted(taken + bytes) - counted(taken)
        if (more > 0 && this.#held + more > this.#maxBytes) throw full()
        taken += bytes
        this.#held += more
      },
      give: (bytes) => {
        const less = Math.min(bytes, taken)
        this.#held -= counted(taken) - counted(taken - less)
        taken -= less
      },
    }
  }
}

export interface BodyShare {
  /** Counts bytes that are kept from now on. Throws 503 where there is no room for them. */
  take(bytes: number): void
  /** These are not kept any more, before all of it is over. */
  give(bytes: number): void
}

function counted(bytes: number): number {
  return Math.max(0, bytes - UNCOUNTED_BYTES)
}

function full(): HttpRefusal {
  return new HttpRefusal('REALM_OVERLOADED', 'this gateway holds as many large requests as it can', {
    status: 503,
    fix: 'send it again when others have ended, or send smaller images',
  })
}
