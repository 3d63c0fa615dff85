/** Work that must not overlap: each piece begins when the one before it has ended, well or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Settles as `work` does. A piece of work that waits for another of the same turns waits for ever. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {}) // told to the one that asked for it; the next has its turn all the same
    return mine
  }

  /** Resolves when all that was asked for until now has ended. Never rejects. */
  async settled(): Promise<void> {
    await this.#last
  }
}
