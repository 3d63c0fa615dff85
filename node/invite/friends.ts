/** Friendship of two federations, as an invitation makes it: proved by a card, kept where the owner's friends stand. */
import type { Friendship } from '../api/config-control.ts'

export interface FriendsComponents {
  /** The federations that are friends already, by id. */
  readonly known: () => readonly (string | undefined)[]
  /** Adds a friend, in force at once and for good. */
  readonly befriend: (friend: Friendship) => Promise<unknown>
  /** The federation that the peer's card proves, which is fetched where there is none. */
  readonly federationOf: (peer: string) => Promise<string | undefined>
}

export class Friends {
  readonly #components: FriendsComponents

  constructor(components: FriendsComponents) {
    this.#components = components
  }

  /** Undefined where the peer proves none. */
  federationOf(peer: string): Promise<string | undefined> {
    return this.#components.federationOf(peer)
  }

  /** Resolves with whether it was none before. */
  async add(federation: string): Promise<boolean> {
    const { known, befriend } = this.#components
    if (known().includes(federation)) return false
    await befriend({ federation })
    return true
  }
}
