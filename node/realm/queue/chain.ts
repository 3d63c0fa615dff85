/**
 * Items in order of arrival, which any of them may leave. Like a Set, but its first is found at once: a Set steps
 * over all that has left from its front since it last grew.
 */
interface ChainLink<T> {
  readonly item: T
  before: ChainLink<T> | undefined
  behind: ChainLink<T> | undefined
}

export class Chain<T> {
  readonly #links = new Map<T, ChainLink<T>>()
  #first: ChainLink<T> | undefined
  #last: ChainLink<T> | undefined

  get first(): T | undefined {
    return this.#first?.item
  }

  get size(): number {
    return this.#links.size
  }

  /** Puts an item that is not in it at the end. */
  add(item: T): void {
    const link: ChainLink<T> = { item, before: this.#last, behind: undefined }
    if (this.#last === undefined) this.#first = link
    else this.#last.behind = link
    this.#last = link
    this.#links.set(item, link)
  }

  /** Takes an item out, wherever it stands. Harmless when it is not there. */
  remove(item: T): void {
    const link = this.#links.get(item)
    if (link === undefined) return
    this.#links.delete(item)
    const { before, behind } = link
    if (before === undefined) this.#first = behind
    else before.behind = behind
    if (behind === undefined) this.#last = before
    else behind.before = before
  }

  *[Symbol.iterator](): Generator<T, undefined> {
    for (let link = this.#first; link !== undefined; link = link.behind) yield link.item
  }
}
