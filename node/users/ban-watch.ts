/**
 * Notices bans that another node made, where nodes share a store: the users who ask, and those for whom something runs,
 * are looked at again every few seconds. No query waits for it, and where the store is this node's own nothing happens.
 */
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { UserData } from '../../storage/user-data.ts'
import type { RunningQueries } from './running-queries.ts'

/** Until a ban by another node bites, at most: one read for each user who asked meanwhile. */
export const BAN_LOOK_MS = 10_000

/** Users that one round looks at; those that come after them are looked at when they ask again. */
export const MAX_WATCHED_USERS = 10_000

export interface BanWatchComponents {
  readonly data: Pick<UserData, 'isShared'>
  readonly running: Pick<RunningQueries, 'all'>
  readonly clock: Pick<Clock, 'after'>
  /** Looks at one user. What it throws is tried again. */
  readonly look: (user: string) => Promise<void>
}

export class BanWatch implements Startable {
  readonly #to: BanWatchComponents
  #seen = new Set<string>()
  #cancel: (() => void) | undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(components: BanWatchComponents) {
    this.#to = components
  }

  async start(): Promise<void> {
    this.#stopped = false
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    this.#cancel = undefined
    await this.#looking
  }

  /** The user asked for something. */
  saw(user: string): void {
    if (this.#stopped || this.#seen.has(user) || this.#seen.size >= MAX_WATCHED_USERS) return
    if (!this.#to.data.isShared(user)) return
    this.#seen.add(user)
    this.#cancel ??= this.#to.clock.after(BAN_LOOK_MS, () => {
      this.#cancel = undefined
      this.#looking = this.#look()
    })
  }

  async #look(): Promise<void> {
    const seen = this.#seen
    this.#seen = new Set()
    for (const user of seen) {
      if (this.#stopped) return
      // A store that cannot be read now is asked again with the user's next query.
      await this.#to.look(user).catch(() => {})
    }
    for (const { query } of this.#to.running.all()) this.saw(query.user)
  }
}
