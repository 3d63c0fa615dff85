/**
 * Who is next in a realm: a bounded queue with classes, ageing and fairness. Decides only; it starts nothing and keeps no timers.
 *
 * Classes come in order (own users, then home, friends, strangers). Whoever has waited `AGE_STEP_MS` per class ranks above fresh
 * work of better classes, so nobody starves. Within a class flows (a user, or a user of a peer) take turns, so that one busy flow
 * cannot push the others back.
 */
import { ASKERS, type Asker } from '../../core/scope.ts'

/** Waiting this long lifts an entry above fresh work of the class before it: a few answers' length. */
export const AGE_STEP_MS = 10_000

export interface QueueEntry {
  readonly id: string
  /** Its class. */
  readonly asker: Asker
  /** What takes turns: the user, or the peer and its user. */
  readonly flow: string
  /** Monotonic milliseconds. */
  readonly enqueuedAt: number
}

/** One class: its entries in order of arrival, and its flows in order of their turn. */
interface Lane<T> {
  readonly arrivals: Map<string, T>
  /** Flow to its entries; the first flow is next. Moving a flow to the end is deleting and setting it again. */
  readonly flows: Map<string, Map<string, T>>
}

export class RealmQueue<T extends QueueEntry> {
  readonly #lanes: readonly Lane<T>[] = ASKERS.map(() => ({ arrivals: new Map(), flows: new Map() }))
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Puts an entry at the end of its flow. Ids are unique among what waits. */
  add(entry: T): void {
    const lane = this.#laneOf(entry)
    if (lane.arrivals.has(entry.id)) throw new RangeError(`entry ${entry.id} already waits`)
    lane.arrivals.set(entry.id, entry)
    const flow = lane.flows.get(entry.flow)
    if (flow === undefined) lane.flows.set(entry.flow, new Map([[entry.id, entry]]))
    else flow.set(entry.id, entry)
    this.#size += 1
  }

  /** Takes an entry out, wherever it stands. Harmless when it is not there. */
  remove(entry: T): void {
    const lane = this.#laneOf(entry)
    if (!lane.arrivals.delete(entry.id)) return
    const flow = lane.flows.get(entry.flow)
    flow?.delete(entry.id)
    if (flow?.size === 0) lane.flows.delete(entry.flow)
    this.#size -= 1
  }

  /**
   * Takes the first entry, in order of turn, that `fits` accepts; its flow goes to the end of its class. Entries that do not fit
   * (their worker is busy) keep their place.
   */
  take(now: number, fits: (entry: T) => boolean): T | undefined {
    for (const entry of this.inOrder(now)) {
      if (!fits(entry)) continue
      this.remove(entry)
      this.#rotate(entry)
      return entry
    }
    return undefined
  }

  /** All entries in the order in which they would be taken now. */
  *inOrder(now: number): Generator<T> {
    const aged = this.#aged(now)
    yield* aged
    const taken = new Set(aged)
    for (const lane of this.#lanes) {
      for (const entry of turns(lane)) if (!taken.has(entry)) yield entry
    }
  }

  /** Entries whose waiting lifted them above their class, longest lift first. */
  #aged(now: number): readonly T[] {
    const lifted: { entry: T; lift: number }[] = []
    this.#lanes.forEach((lane, rank) => {
      if (rank === 0) return
      for (const entry of lane.arrivals.values()) {
        const steps = Math.floor((now - entry.enqueuedAt) / AGE_STEP_MS)
        if (steps < rank) break // arrivals are in order: who came later has aged less
        lifted.push({ entry, lift: now - entry.enqueuedAt })
      }
    })
    return lifted.sort((a, b) => b.lift - a.lift).map(({ entry }) => entry)
  }

  #rotate(entry: T): void {
    const { flows } = this.#laneOf(entry)
    const flow = flows.get(entry.flow)
    if (flow === undefined) return
    flows.delete(entry.flow)
    flows.set(entry.flow, flow)
  }

  #laneOf(entry: T): Lane<T> {
    const lane = this.#lanes[ASKERS.indexOf(entry.asker)]
    if (lane === undefined) throw new RangeError(`no such asker: ${entry.asker}`)
    return lane
  }
}

/** A class's entries turn by turn: the first of each flow, then the second of each, and so on. */
function* turns<T>(lane: Lane<T>): Generator<T> {
  let cursors = [...lane.flows.values()].map((flow) => flow.values())
  while (cursors.length > 0) {
    const open: typeof cursors = []
    for (const cursor of cursors) {
      const next = cursor.next()
      if (next.done === true) continue
      yield next.value
      open.push(cursor)
    }
    cursors = open
  }
}
