/**
 * What this node sends and takes over other people's relays. They have budgets of their own; this one keeps a node from
 * using up all of a friend's line in a day without its owner knowing.
 */
import type { Clock } from '../../core/run/clock.ts'
import { type BucketRule, chargeTokens, fullBucket, hasToken } from '../../core/run/token-bucket.ts'
import type { LaneStream, LinkLimits } from '../../protocols/query/link.ts'

const DAY_SECONDS = 24 * 3_600

/**
 * Queries and answers over all relays in a day, both ways: some hundred thousand answers in text, or a thousand
 * pictures. What is used comes back evenly.
 */
export const RELAYED_BYTES_PER_DAY = 4 * 1_024 ** 3

/** What a relay with a limit must still let through for a new lane: a long answer in text with its query. */
export const LEAST_RELAYED_BYTES = 256 * 1_024

/** An answer under way goes on when all is used up: no more is owed than some of the largest. */
const MOST_OWED_BYTES = -(2 ** 30)

const RULE: BucketRule = { perSecond: RELAYED_BYTES_PER_DAY / DAY_SECONDS, burst: RELAYED_BYTES_PER_DAY }

export interface RelayedBytesComponents {
  readonly clock: Pick<Clock, 'monotonic'>
}

export class RelayedBytes {
  readonly #clock: RelayedBytesComponents['clock']
  readonly #bucket

  constructor({ clock }: RelayedBytesComponents) {
    this.#clock = clock
    this.#bucket = fullBucket(RULE, clock.monotonic())
  }

  /** Whether a new lane may go over a relay with these limits. */
  hasRoom(limits?: LinkLimits): boolean {
    if ((limits?.bytes ?? LEAST_RELAYED_BYTES) < LEAST_RELAYED_BYTES || (limits?.seconds ?? 1) <= 0) return false
    return hasToken(this.#bucket, RULE, this.#clock.monotonic())
  }

  /** Counts all that goes over a lane, both ways. Give it on before anything is read from it. */
  counting<S extends LaneStream>(stream: S): S {
    const send = stream.send.bind(stream)
    stream.send = (data) => {
      this.#spend(data.byteLength)
      return send(data)
    }
    stream.addEventListener('message', ({ data }) => this.#spend(data.byteLength))
    return stream
  }

  /** One line when the day's bytes are used up. */
  warnings(): readonly string[] {
    if (hasToken(this.#bucket, RULE, this.#clock.monotonic())) return []
    const gib = RELAYED_BYTES_PER_DAY / 1_024 ** 3
    return [
      `the ${gib} GiB a day for answers over other people's relays are used up: peers that only relays reach are not asked for now; forward a port, or see realmesh doctor`,
    ]
  }

  #spend(bytes: number): void {
    chargeTokens(this.#bucket, RULE, this.#clock.monotonic(), bytes, MOST_OWED_BYTES)
  }
}
