/**
 * Lanes at rest and in use, per peer. Opening a stream costs some twenty times a query on an open one, so lanes are
 * reused; their number is bounded, and a caller that finds none free waits in line, not for long.
 */

import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { LANE_WAIT_MS, type LaneLimit, lanesOf, MAX_LANE_WAITERS } from '../constants.ts'
import type { Link } from '../link.ts'

/** What the pool needs of a lane. */
export interface PooledLane {
  readonly peer: string
  readonly link: Pick<Link, 'isOpen'>
  /** Whether another query can be sent on it. */
  readonly usable: boolean
  /** Monotonic milliseconds; set by the pool. */
  restingSince: number
  close(): void
  reset(error: Error): void
}

export interface LanePoolComponents<L extends PooledLane> {
  /** Opens a stream to the peer; rejects with a RealmeshError. */
  readonly open: (peer: string, signal: CancelSignal) => Promise<L>
  readonly clock: Clock
}

export interface LanePoolInit {
  readonly maxLanesPerPeer: LaneLimit
}

interface LaneWaiter<L> {
  readonly signal: CancelSignal
  /** False when the caller has left meanwhile. */
  readonly give: (lane: L) => boolean
  readonly refuse: (error: RealmeshError) => void
}

interface PeerLanes<L> {
  /** The one that rested last is taken first, so that those too many grow old and are closed. */
  readonly resting: L[]
  /** Resting, in use and being opened. */
  total: number
  /** What new queries go over while it is open; undefined: any. */
  best: PooledLane['link'] | undefined
  readonly waiters: Set<LaneWaiter<L>>
}

export class LanePool<L extends PooledLane> {
  readonly #open: LanePoolComponents<L>['open']
  readonly #clock: Clock
  readonly #limit: LaneLimit
  readonly #peers = new Map<string, PeerLanes<L>>()

  constructor(components: LanePoolComponents<L>, init: LanePoolInit) {
    this.#open = components.open
    this.#clock = components.clock
    this.#limit = init.maxLanesPerPeer
  }

  /** Whether there is any lane, in use or not. */
  get empty(): boolean {
    return this.#peers.size === 0
  }

  /** A lane for one query: give it back by `release`, or by `drop` when it cannot be used again. */
  acquire(peer: string, signal: CancelSignal): L | Promise<L> {
    const lanes = this.#lanesOf(peer)
    for (let lane = lanes.resting.pop(); lane !== undefined; lane = lanes.resting.pop()) {
      if (lane.usable && !isOutdone(lane, lanes)) return lane
      lane.close()
      lanes.total -= 1
    }
    if (lanes.total < lanesOf(this.#limit, peer)) return this.#openOne(peer, lanes, signal)
    return this.#wait(peer, lanes, signal)
  }

  /** Takes a lane back whose query has ended cleanly. */
  release(lane: L): void {
    const lanes = this.#lanesOf(lane.peer)
    if (!lane.usable) {
      this.drop(lane, new RealmeshError('PEER_LOST', 'the peer closed the lane'))
      return
    }
    if (isOutdone(lane, lanes)) {
      lane.close()
      this.#forgetOne(lane.peer, lanes)
      return
    }
    if (first(lanes.waiters)?.give(lane) === true) return
    lane.restingSince = this.#clock.monotonic()
    lanes.resting.push(lane)
  }

  /** Ends a lane that is in an unknown state. */
  drop(lane: L, error: Error): void {
    lane.reset(error)
    this.#forgetOne(lane.peer, this.#lanesOf(lane.peer))
  }

  /** New queries go over this link from now on; those under way stay where they are. */
  moveTo(link: Pick<Link, 'peer' | 'isOpen'>): void {
    const lanes = this.#peers.get(link.peer)
    if (lanes === undefined) return
    lanes.best = link
    this.#closeResting(link.peer, lanes, (lane) => isOutdone(lane, lanes))
  }

  /** A link fell silent: what rests on it is as dead as the lane that told. */
  leave(link: Pick<Link, 'peer' | 'isOpen'>): void {
    const lanes = this.#peers.get(link.peer)
    if (lanes !== undefined) this.#closeResting(link.peer, lanes, (lane) => lane.link === link)
  }

  /** Closes what rested for `idleMs`, and what died at rest. */
  closeIdle(idleMs: number): void {
    const now = this.#clock.monotonic()
    for (const [peer, lanes] of this.#peers) {
      this.#closeResting(peer, lanes, (lane) => !lane.usable || now - lane.restingSince >= idleMs)
    }
  }

  /** Closes all that rest and refuses all that wait. */
  close(): void {
    for (const [peer, lanes] of this.#peers) {
      for (const waiter of [...lanes.waiters]) waiter.refuse(new RealmeshError('CANCELLED', 'the node stops'))
      for (const lane of lanes.resting.splice(0)) {
        lane.close()
        this.#forgetOne(peer, lanes)
      }
    }
  }

  #lanesOf(peer: string): PeerLanes<L> {
    const known = this.#peers.get(peer)
    if (known !== undefined) return known
    const fresh: PeerLanes<L> = { resting: [], total: 0, best: undefined, waiters: new Set() }
    this.#peers.set(peer, fresh)
    return fresh
  }

  #closeResting(peer: string, lanes: PeerLanes<L>, isDone: (lane: L) => boolean): void {
    for (const lane of lanes.resting.filter(isDone)) {
      lanes.resting.splice(lanes.resting.indexOf(lane), 1)
      lane.close()
      this.#forgetOne(peer, lanes)
    }
  }

  async #openOne(peer: string, lanes: PeerLanes<L>, signal: CancelSignal): Promise<L> {
    lanes.total += 1
    try {
      return await this.#open(peer, signal)
    } catch (error) {
      this.#forgetOne(peer, lanes)
      throw error
    }
  }

  /** One lane less: there is room to open one for the caller that waits longest. */
  #forgetOne(peer: string, lanes: PeerLanes<L>): void {
    lanes.total -= 1
    const waiter = first(lanes.waiters)
    if (waiter !== undefined) {
      lanes.waiters.delete(waiter)
      this.#openOne(peer, lanes, waiter.signal).then(
        (lane) => {
          if (!waiter.give(lane)) this.release(lane)
        },
        (error: unknown) => {
          waiter.refuse(toRealmeshError(error))
        },
      )
    } else if (lanes.total === 0) this.#peers.delete(peer)
  }

  #wait(peer: string, lanes: PeerLanes<L>, signal: CancelSignal): Promise<L> {
    if (lanes.waiters.size >= MAX_LANE_WAITERS) throw full(peer)
    return new Promise((resolve, reject) => {
      let left = false
      const release = (): void => {
        left = true
        cancelTimer()
        signal.removeEventListener('abort', cancelled)
        lanes.waiters.delete(waiter)
        if (lanes.total === 0 && lanes.waiters.size === 0) this.#peers.delete(peer)
      }
      const waiter: LaneWaiter<L> = {
        signal,
        give: (lane) => {
          if (left) return false
          release()
          resolve(lane)
          return true
        },
        refuse: (error) => {
          release()
          reject(error)
        },
      }
      const cancelled = (): void => {
        waiter.refuse(toRealmeshError(signal.reason, 'CANCELLED'))
      }
      const cancelTimer = this.#clock.after(LANE_WAIT_MS, () => {
        waiter.refuse(full(peer))
      })
      signal.addEventListener('abort', cancelled, { once: true })
      lanes.waiters.add(waiter)
    })
  }
}

/** Whether there is a better link than the lane's. */
function isOutdone(lane: PooledLane, { best }: { readonly best: PooledLane['link'] | undefined }): boolean {
  return best !== undefined && lane.link !== best && best.isOpen
}

function first<T>(items: ReadonlySet<T>): T | undefined {
  for (const item of items) return item
  return undefined
}

function full(peer: string): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', `all lanes to peer ${peer} are in use`, { retryAfterMs: LANE_WAIT_MS })
}
