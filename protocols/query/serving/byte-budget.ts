/** A bound on bytes that are held at once: room is reserved before it is used, and given back. */
export class ByteBudget {
  readonly #mostOfOne: number
  #free: number
  /** By owner; an owner that holds nothing is not in it. */
  readonly #held = new Map<string, number>()

  /** One owner gets half of `bytes` at most, so that none can keep all others out. */
  constructor(init: { readonly bytes: number }) {
    this.#free = init.bytes
    this.#mostOfOne = init.bytes / 2
  }

  /** Whether there was room for `owner`; if so it is taken. */
  reserve(bytes: number, owner: string): boolean {
    const held = (this.#held.get(owner) ?? 0) + bytes
    if (bytes > this.#free || held > this.#mostOfOne) return false
    this.#free -= bytes
    this.#held.set(owner, held)
    return true
  }

  /** Gives back what `owner` had reserved. */
  release(bytes: number, owner: string): void {
    this.#free += bytes
    const held = (this.#held.get(owner) ?? 0) - bytes
    if (held > 0) this.#held.set(owner, held)
    else this.#held.delete(owner)
  }
}
