/**
 * A set from which items are drawn with probability proportional to their weight: a Fenwick tree over whole-number
 * weights, so that sums are exact and add, remove, change and draw each cost O(log n).
 */

/** Where an item stands in one set; held by the part that may weigh it anew or remove it. */
export interface SlotHandle<T> {
  readonly item: T
  /** Owned by the set. */
  index: number
}

/** Capacity that a new set begins with; a power of two, doubled when full. */
const FIRST_CAPACITY = 8

export class WeightedSet<T> {
  readonly #places: SlotHandle<T>[] = []
  #weights = new Float64Array(FIRST_CAPACITY)
  /** `#tree[i]` is the sum of the weights that Fenwick node `i` (1-based) covers. */
  #tree = new Float64Array(FIRST_CAPACITY + 1)
  #total = 0

  get size(): number {
    return this.#places.length
  }

  /** Sum of all weights. */
  get total(): number {
    return this.#total
  }

  /** `weight` is a whole number, 0 or more. */
  add(item: T, weight: number): SlotHandle<T> {
    if (this.#places.length === this.#weights.length) this.#grow()
    const place: SlotHandle<T> = { item, index: this.#places.length }
    this.#places.push(place)
    this.#set(place.index, weight)
    return place
  }

  setWeight(place: SlotHandle<T>, weight: number): void {
    this.#set(place.index, weight)
  }

  /** Items stand in no order; removing one may move another. */
  nth(index: number): T | undefined {
    return this.#places[index]?.item
  }

  weightAt(index: number): number {
    return this.#weights[index] ?? 0
  }

  /** Fills the gap with the last item. */
  remove(place: SlotHandle<T>): void {
    const last = this.#places.pop()
    if (last === undefined) return
    const weight = this.weightAt(last.index)
    this.#set(last.index, 0)
    if (last !== place) {
      this.#places[place.index] = last
      last.index = place.index
      this.#set(place.index, weight)
    }
    place.index = -1
  }

  /** The item at `target`, a number from 0 up to, not including, `total`. */
  at(target: number): T | undefined {
    let index = 0
    let rest = target
    for (let step = this.#weights.length; step > 0; step >>= 1) {
      const next = index + step
      const covered = this.#tree[next]
      if (covered !== undefined && covered <= rest) {
        index = next
        rest -= covered
      }
    }
    return this.#places[index]?.item
  }

  #set(index: number, weight: number): void {
    const change = weight - (this.#weights[index] ?? 0)
    if (change === 0) return
    this.#weights[index] = weight
    this.#total += change
    for (let node = index + 1; node < this.#tree.length; node += node & -node) {
      this.#tree[node] = (this.#tree[node] ?? 0) + change
    }
  }

  #grow(): void {
    const weights = this.#weights
    this.#weights = new Float64Array(weights.length * 2)
    this.#tree = new Float64Array(weights.length * 2 + 1)
    this.#total = 0
    for (const [index, weight] of weights.entries()) this.#set(index, weight)
  }
}
