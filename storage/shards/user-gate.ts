/**
 * Holds back changes to single users while their records move or their claims are settled. Others pass without waiting.
 */

export class UserGate {
  readonly #locked = new Map<string, Promise<void>>()

  /** Undefined when the user's records may be changed now, else what to wait for before asking again. */
  blocked(user: string): Promise<void> | undefined {
    return this.#locked.get(user)
  }

  /** Waits until the user's records may be changed. */
  async pass(user: string): Promise<void> {
    for (let wait = this.blocked(user); wait !== undefined; wait = this.blocked(user)) await wait
  }

  /** Runs `task` while nobody else changes these users. Tasks for the same user run one after another. */
  async hold<T>(users: readonly string[], task: () => Promise<T>): Promise<T> {
    // All at once or not at all: taking them one by one could wait in a circle.
    for (let taken = users.find((user) => this.#locked.has(user)); taken !== undefined; ) {
      await this.#locked.get(taken)
      taken = users.find((user) => this.#locked.has(user))
    }
    let open: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    for (const user of users) this.#locked.set(user, held)
    try {
      return await task()
    } finally {
      for (const user of users) this.#locked.delete(user)
      open()
    }
  }
}
