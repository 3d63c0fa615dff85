/** Simulated time: tasks run in order of their time, those of the same time in the order in which they were planned. */

interface Task {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

export class EventQueue {
  /** A binary heap, the earliest first. */
  readonly #heap: Task[] = []
  #order = 0
  #now = 0

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): void {
    this.#order += 1
    this.#up({ at: this.#now + ms, order: this.#order, run })
  }

  /** Runs everything that is planned up to `until`, and what that plans. */
  runUntil(until: number): void {
    for (let task = this.#heap[0]; task !== undefined && task.at <= until; task = this.#heap[0]) {
      this.#now = task.at
      this.#removeFirst()
      task.run()
    }
    this.#now = until
  }

  #up(task: Task): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(task)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, task)) break
      heap[index] = above
      index = parent
    }
    heap[index] = task
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      const right = heap[2 * index + 2]
      if (left === undefined) break
      const useRight = right !== undefined && isBefore(right, left)
      const least = useRight ? right : left
      if (isBefore(last, least)) break
      heap[index] = least
      index = 2 * index + (useRight ? 2 : 1)
    }
    heap[index] = last
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
