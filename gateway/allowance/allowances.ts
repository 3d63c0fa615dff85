/**
 * The allowances of all keys that have one: one count for each key, whichever door its queries come through. As many as
 * there are keys, which `home/api-keys.ts` bounds.
 */
import type { Clock } from '../../core/run/clock.ts'
import { Allowance, type KeyUsage } from './allowance.ts'
import { dayOf, type KeyLimits } from './key-limits.ts'

/** The tokens of one day, by user: what must outlast a restart. */
export interface DayOfTokens {
  /** See `dayOf`. */
  readonly day: number
  readonly tokens: Readonly<Record<string, number>>
}

/** Of one key: the user that it makes, and what they may use. */
export interface LimitedUser {
  readonly user: string
  readonly limits?: KeyLimits | undefined
}

export class Allowances {
  readonly #clock: Pick<Clock, 'wall' | 'monotonic'>
  readonly #earlier: DayOfTokens | undefined
  readonly #byUser = new Map<string, Allowance>()

  /** `earlier`: what was counted before this process began. */
  constructor(components: { readonly clock: Pick<Clock, 'wall' | 'monotonic'> }, earlier?: DayOfTokens) {
    this.#clock = components.clock
    this.#earlier = earlier
  }

  /** Takes the limits of these users instead of those that there are; what they have used stays counted. */
  replace(users: readonly LimitedUser[]): void {
    const limited = new Map(
      users.flatMap(({ user, limits }) => (limits === undefined ? [] : [[user, limits] as const])),
    )
    for (const user of this.#byUser.keys()) if (!limited.has(user)) this.#byUser.delete(user)
    for (const [user, limits] of limited) {
      const known = this.#byUser.get(user)
      if (known !== undefined) known.change(limits)
      else this.#byUser.set(user, new Allowance({ clock: this.#clock }, limits, this.#usedBefore(user)))
    }
  }

  /** Undefined for a user whose key has no limits. */
  of(user: string): Allowance | undefined {
    return this.#byUser.get(user)
  }

  /** What each has used. */
  usage(): Readonly<Record<string, KeyUsage>> {
    return Object.fromEntries([...this.#byUser].map(([user, allowance]) => [user, allowance.usage]))
  }

  /** What must outlast a restart. */
  today(): DayOfTokens {
    const used = [...this.#byUser].map(([user, { tokensToday }]) => [user, tokensToday] as const)
    return { day: dayOf(this.#clock.wall()), tokens: Object.fromEntries(used.filter(([, tokens]) => tokens > 0)) }
  }

  #usedBefore(user: string): number {
    return this.#earlier?.day === dayOf(this.#clock.wall()) ? (this.#earlier.tokens[user] ?? 0) : 0
  }
}
