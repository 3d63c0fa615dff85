/**
 * Who is next in a realm: a queue with classes, ageing and turns. Decides only; it starts nothing and keeps no
 * timers. What one entry costs does not grow with the number that wait.
 *
 * Askers come in order (own users, then home, friends, strangers). An entry that has waited `AGE_STEP_MS` for each
 * asker before its own ranks above fresh work of all, so that none starves. The flows of one asker (a user, or a user
 * of a peer) take turns, so that one busy flow cannot push the others back.
 */
import { ASKERS, type Asker } from '../../../core/scope.ts'
import { Chain } from './chain.ts'

/** Waiting this long lifts an entry above fresh work of the asker before it: a few answers' length. */
export const AGE_STEP_MS = 10_000

export interface QueueEntry {
  readonly asker: Asker
  /** What takes turns: the user, or the peer and its user. */
  readonly flow: string
  /** Entries of one asker and one kind want the same: what one of them cannot have now, none can. */
  readonly kind: string
  /** Monotonic milliseconds. */
  readonly enqueuedAt: number
}

/** What one asker's entries of one kind wait in. */
interface Line<T> {
  readonly key: string
  /** Of the asker: 0 is first. */
  readonly rank: number
  readonly arrivals: Chain<T>
  /** The first is next. */
  readonly turns: Chain<Row<T>>
}

/** One flow's entries in one line. */
interface Row<T> {
  readonly line: Line<T>
  readonly flow: Flow<T>
  readonly entries: Chain<T>
}

/** A user's rows; a flow that is served goes behind the others in every line. */
interface Flow<T> {
  readonly key: string
  readonly rows: Map<Line<T>, Row<T>>
  /** Counts up over all flows: the least was served the longest ago. */
  turn: number
}

/**
 * The least is first, number by number: rank (aged entries before all), round in its flow, turn of the flow, time of
 * arrival.
 */
type Order = readonly [rank: number, round: number, turn: number, enqueuedAt: number]

const AGED = -1

interface Turn<T> {
  readonly entry: T
  readonly order: Order
}

export class RealmQueue<T extends QueueEntry> {
  /** Where each entry stands. */
  readonly #rows = new Map<T, Row<T>>()
  readonly #lines = new Map<string, Line<T>>()
  readonly #flows = new Map<string, Flow<T>>()
  #turns = 0

  get size(): number {
    return this.#rows.size
  }

  /** Puts an entry at the end of its flow. */
  add(entry: T): void {
    const row = this.#rowOf(entry)
    row.line.arrivals.add(entry)
    row.entries.add(entry)
    this.#rows.set(entry, row)
  }

  /** Takes an entry out, wherever it stands. Harmless when it is not there. */
  remove(entry: T): void {
    const row = this.#rows.get(entry)
    if (row === undefined) return
    const { line, flow, entries } = row
    this.#rows.delete(entry)
    line.arrivals.remove(entry)
    entries.remove(entry)
    if (line.arrivals.size === 0) this.#lines.delete(line.key)
    if (entries.size > 0) return
    line.turns.remove(row)
    flow.rows.delete(line)
    if (flow.rows.size === 0) this.#flows.delete(flow.key)
  }

  /**
   * Takes the first entry, in order of turn, that `fits` accepts; its flow goes behind the others. `fits` is asked
   * once per asker and kind. Entries that do not fit (their worker is busy) keep their place.
   */
  take(now: number, fits: (entry: T) => boolean): T | undefined {
    for (const { entry } of this.#heads(now)) {
      const flow = this.#rows.get(entry)?.flow
      if (!fits(entry)) continue
      this.remove(entry) // unless `fits` has done so
      if (flow !== undefined) this.#rotate(flow)
      return entry
    }
    return undefined
  }

  /**
   * The first `count` in the order in which they would be taken now, if all fitted. Costs as much as `count`, not as
   * the queue.
   */
  first(count: number, now: number): readonly T[] {
    const readers = [...this.#lines.values()].map((line) => inTurn(line, now))
    const heads = readers.map((reader) => reader.next().value)
    const found: T[] = []
    while (found.length < count) {
      const least = indexOfLeast(heads)
      const head = heads[least]
      if (head === undefined) break
      found.push(head.entry)
      heads[least] = readers[least]?.next().value
    }
    return found
  }

  /** Everything that waits, in no order. */
  all(): readonly T[] {
    return [...this.#rows.keys()]
  }

  /** The first of each line, in order of turn. */
  #heads(now: number): readonly Turn<T>[] {
    const heads: Turn<T>[] = []
    for (const line of this.#lines.values()) {
      const head = headOf(line, now)
      if (head !== undefined) heads.push(head)
    }
    return heads.length > 1 ? heads.sort((a, b) => compare(a.order, b.order)) : heads
  }

  #rotate(flow: Flow<T>): void {
    this.#turns += 1
    flow.turn = this.#turns
    for (const row of flow.rows.values()) {
      row.line.turns.remove(row)
      row.line.turns.add(row)
    }
  }

  #rowOf(entry: T): Row<T> {
    const line = this.#lineOf(entry)
    const flow = this.#flowOf(entry)
    const found = flow.rows.get(line)
    if (found !== undefined) return found
    const row: Row<T> = { line, flow, entries: new Chain() }
    line.turns.add(row)
    flow.rows.set(line, row)
    return row
  }

  #lineOf({ asker, kind }: T): Line<T> {
    const key = `${asker} ${kind}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { key, rank: ASKERS.indexOf(asker), arrivals: new Chain(), turns: new Chain() }
      this.#lines.set(key, line)
    }
    return line
  }

  #flowOf(entry: T): Flow<T> {
    const key = `${entry.asker} ${entry.flow}`
    let flow = this.#flows.get(key)
    if (flow === undefined) {
      this.#turns += 1
      flow = { key, rows: new Map(), turn: this.#turns }
      this.#flows.set(key, flow)
    }
    return flow
  }
}

/** Whether waiting has lifted an entry above its asker's rank. Own entries are first by themselves. */
function isAged({ enqueuedAt }: QueueEntry, rank: number, now: number): boolean {
  return rank > 0 && now - enqueuedAt >= rank * AGE_STEP_MS
}

/** The first that `inTurn` would yield. */
function headOf<T extends QueueEntry>({ rank, arrivals, turns }: Line<T>, now: number): Turn<T> | undefined {
  const oldest = arrivals.first
  if (oldest !== undefined && isAged(oldest, rank, now)) return agedTurn(oldest)
  const next = turns.first
  const entry = next?.entries.first
  return next === undefined || entry === undefined ? undefined : turnOf(entry, rank, 0, next.flow.turn)
}

function agedTurn<T extends QueueEntry>(entry: T): Turn<T> {
  return turnOf(entry, AGED, 0, 0)
}

function turnOf<T extends QueueEntry>(entry: T, rank: number, round: number, turn: number): Turn<T> {
  return { entry, order: [rank, round, turn, entry.enqueuedAt] }
}

/**
 * A line's entries in order: those that waited long, oldest first; then the first of each flow, then the second of
 * each, and so on.
 */
function* inTurn<T extends QueueEntry>({ rank, arrivals, turns }: Line<T>, now: number): Generator<Turn<T>, undefined> {
  for (const entry of arrivals) {
    if (!isAged(entry, rank, now)) break // later arrivals have aged less
    yield agedTurn(entry)
  }
  const open: { readonly turn: number; readonly fresh: Generator<T, undefined> }[] = []
  for (const { flow, entries } of turns) {
    const fresh = freshOf(entries, rank, now)
    const entry = fresh.next().value
    if (entry === undefined) continue
    yield turnOf(entry, rank, 0, flow.turn)
    open.push({ turn: flow.turn, fresh })
  }
  for (let round = 1, left = open; left.length > 0; round += 1) {
    const more: typeof open = []
    for (const flow of left) {
      const entry = flow.fresh.next().value
      if (entry === undefined) continue
      yield turnOf(entry, rank, round, flow.turn)
      more.push(flow)
    }
    left = more
  }
}

function* freshOf<T extends QueueEntry>(entries: Chain<T>, rank: number, now: number): Generator<T, undefined> {
  for (const entry of entries) if (!isAged(entry, rank, now)) yield entry
}

function compare(a: Order, b: Order): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]
}

function indexOfLeast<T>(heads: readonly (Turn<T> | undefined)[]): number {
  let least = -1
  let order: Order | undefined
  for (const [i, head] of heads.entries()) {
    if (head === undefined || (order !== undefined && compare(order, head.order) <= 0)) continue
    least = i
    order = head.order
  }
  return least
}
