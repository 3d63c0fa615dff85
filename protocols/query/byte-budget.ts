/** A bound on bytes that are held at once: room is reserved before it is used, and given back. */
export class ByteBudget {
  #free: number

  constructor(init: { readonly bytes: number }) {
    this.#free = init.bytes
  }

  /** Whether there was room; if so it is taken. */
  reserve(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  release(bytes: number): void {
    this.#free += bytes
  }
}
