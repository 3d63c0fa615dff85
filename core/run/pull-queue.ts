/**
 * What arrives by itself, kept until one reader pulls it: items of a stream, messages of a socket. It has no bound of
 * its own; its owner watches `size` and stops the source, or lets go of items by `drop`.
 */
export class PullQueue<T extends NonNullable<unknown>> {
  /** `#head` is the index of the next item, so that taking one moves nothing. */
  #items: T[] = []
  #head = 0
  #over = false
  #failed = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  /** Items that wait. */
  get size(): number {
    return this.#items.length - this.#head
  }

  /** Whether nothing more comes and all that came is taken. */
  get ended(): boolean {
    return this.#over && this.size === 0
  }

  /** The first error that ended it. */
  get error(): Error | undefined {
    return this.#error
  }

  /** Adds an item. Nothing is added after `fail`. */
  push(item: T): void {
    if (this.#failed) return
    this.#items.push(item)
    this.#wakeUp()
  }

  /**
   * The next item; undefined when none waits. Throws the error that ended the queue, once the items before it are
   * taken.
   */
  take(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) {
      if (this.#error !== undefined) throw this.#error
      return undefined
    }
    this.#head += 1
    if (this.#head === this.#items.length) this.#empty()
    return item
  }

  /** All items that wait, perhaps none. Throws like `take`. */
  takeAll(): readonly T[] {
    if (this.size === 0 && this.#error !== undefined) throw this.#error
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head)
    this.#empty()
    return items
  }

  /** The next item, waited for; undefined after the end. Throws like `take`. For one caller at a time. */
  async next(): Promise<T | undefined> {
    for (let item = this.take(); ; item = this.take()) {
      if (item !== undefined || this.ended) return item
      await this.wait()
    }
  }

  /** Resolves when there is an item, the end or an error. For one caller at a time. */
  wait(): Promise<void> {
    if (this.size > 0 || this.#over) return Promise.resolve()
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** Takes out the oldest item that `fits`; false when none does. */
  drop(fits: (item: T) => boolean): boolean {
    const at = this.#items.findIndex((item, index) => index >= this.#head && fits(item))
    if (at >= 0) this.#items.splice(at, 1)
    return at >= 0
  }

  /** Nothing more is expected, because of `error` if there is one. What waits can still be taken. */
  end(error?: Error): void {
    this.#over = true
    this.#error ??= error
    this.#wakeUp()
  }

  /** Ends it with `error`, unless another error did, and drops what waits and what still comes. */
  fail(error: Error): void {
    this.#failed = true
    this.#empty()
    this.end(error)
  }

  #empty(): void {
    this.#items = []
    this.#head = 0
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
