/**
 * What this node carries between others: so many bytes in a day, so many connections. Own rigs are carried without end,
 * for their owner pays on both sides.
 */
import type { Clock } from '../../core/run/clock.ts'
import { type Bucket, type BucketRule, chargeTokens, fullBucket, hasTokens } from '../../core/run/token-bucket.ts'
import type { Relation } from '../../core/scope.ts'
import { Tally } from './tally.ts'

/**
 * Connections that are carried at once. What one may hold of memory is the windows of both its ends, two MiB when
 * neither reads on.
 */
export const MAX_CIRCUITS = 128

/** Those that one peer has dialled. */
export const MAX_CIRCUITS_PER_PEER = 32

/** Part of a day's bytes below which no new connection is begun: those under way go on with the rest. */
const RESERVE = 1 / 16

const MEGABYTE = 1_000_000
const SECONDS_PER_DAY = 86_400

/** Whom a connection is carried for. */
export interface Carried {
  /** Who dialled. */
  readonly from: string
  readonly to: string
}

export interface RelayBudgetComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly relation: (peer: string) => Relation
}

export interface RelayBudgetInit {
  /** Megabytes in a day, both ways together: they come back evenly over the day. */
  readonly mbPerDay: number
}

/** What was carried since the start, and now. */
export interface RelayFigures {
  readonly circuits: number
  readonly bytes: number
}

export class RelayBudget {
  readonly #components: RelayBudgetComponents
  readonly #rule: BucketRule
  readonly #day: Bucket
  /** Connections by those who dialled them, and by all whose they are. */
  readonly #dialled = new Tally()
  readonly #shared = new Tally()
  #circuits = 0
  #bytes = 0

  constructor(components: RelayBudgetComponents, { mbPerDay }: RelayBudgetInit) {
    this.#components = components
    const burst = mbPerDay * MEGABYTE
    this.#rule = { burst, perSecond: burst / SECONDS_PER_DAY }
    this.#day = fullBucket(this.#rule, components.clock.monotonic())
  }

  get figures(): RelayFigures {
    return { circuits: this.#circuits, bytes: this.#bytes }
  }

  /** Whether a connection between the two may begin. */
  admits(carried: Carried): boolean {
    if (this.#circuits >= MAX_CIRCUITS) return false
    if (this.#isOwn(carried)) return true
    return this.#dialled.of(carried.from) < MAX_CIRCUITS_PER_PEER && this.hasRoom()
  }

  /** Whether enough of the day's bytes is left for something new. */
  hasRoom(): boolean {
    return hasTokens(this.#day, this.#rule, this.#now(), this.#rule.burst * RESERVE)
  }

  /** A connection begins. It has ended when what is returned is called, once. */
  begin({ from, to }: Carried): () => void {
    const change = (by: 1 | -1): void => {
      this.#circuits += by
      this.#dialled.add(from, by)
      this.#shared.add(from, by)
      this.#shared.add(to, by)
    }
    change(1)
    return () => change(-1)
  }

  /** Bytes were carried; false when the day's are used up, and the connection is to be cut. */
  spend(carried: Carried, bytes: number): boolean {
    this.#bytes += bytes
    if (this.#isOwn(carried)) return true
    chargeTokens(this.#day, this.#rule, this.#now(), bytes, 0)
    return this.#day.tokens > 0
  }

  /** How many connections are carried to or from the peer. */
  countOf(peer: string): number {
    return this.#shared.of(peer)
  }

  #isOwn({ from, to }: Carried): boolean {
    const { relation } = this.#components
    return relation(from) === 'home' || relation(to) === 'home'
  }

  #now(): number {
    return this.#components.clock.monotonic()
  }
}
