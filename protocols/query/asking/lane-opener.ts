/**
 * Opens lanes over the best link to a peer, dials where there is none, and tells a peer that cannot be reached from a
 * caller that has left.
 */

import type { Logger } from '../../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import { LANE_DIAL_TIMEOUT_MS, MAX_GUESSED_RTT_MS, OPEN_TIMEOUT_MS, queryProtocol } from '../constants.ts'
import type { LaneStream, Link, Links } from '../link.ts'
import { Lane } from './lane.ts'

export interface LaneOpenerComponents {
  readonly links: Pick<Links, 'to' | 'dial'>
  readonly clock: Clock
  /** Monotonic milliseconds in which this process could hear: given to the lanes. */
  readonly now: () => number
  readonly log: Logger
}

export interface LaneOpenerInit {
  readonly network: string
  /** To dial and to open a stream. @default 5000 */
  readonly dialTimeoutMs?: number
  /** To open a stream on a connection that there is. @default 1500 */
  readonly openTimeoutMs?: number
}

/** Links on which one lane is tried: a dead one and the one that took its place. */
const LINK_TRIES = 2

interface Opened {
  readonly link: Link
  readonly stream: LaneStream
}

/**
 * A function that opens a lane to a peer. It rejects with `PEER_UNREACHABLE`, or with what `signal` was aborted for.
 */
export function laneOpener(
  { links, clock, now, log }: LaneOpenerComponents,
  init: LaneOpenerInit,
): (peer: string, signal: CancelSignal) => Promise<Lane> {
  const protocol = queryProtocol(init.network)
  const dialTimeoutMs = init.dialTimeoutMs ?? LANE_DIAL_TIMEOUT_MS
  const openTimeoutMs = init.openTimeoutMs ?? OPEN_TIMEOUT_MS
  const openOn = async (link: Link, signal: AbortSignal): Promise<Opened> => {
    const stream = await link.openLane(protocol, signal)
    if (signal.aborted) stream.abort(new RealmeshError('CANCELLED', 'the lane came too late'))
    return { link, stream }
  }
  const within = (
    peer: string,
    limitMs: number,
    parent: CancelSignal,
    run: (signal: AbortSignal) => Promise<Opened>,
  ): Promise<Opened> => withinLimit(parent, limitMs, `no lane to peer ${peer}`, run, clock)
  const dial = (peer: string, parent: CancelSignal): Promise<Opened> =>
    within(peer, dialTimeoutMs, parent, async (signal) => openOn(await links.dial(peer, signal), signal))
  const openOrDial = async (peer: string, parent: CancelSignal): Promise<Opened> => {
    const tried = new Set<Link>()
    for (;;) {
      const link = links.to(peer).find((one) => !tried.has(one))
      if (link === undefined) return await dial(peer, parent)
      tried.add(link)
      try {
        return await within(peer, openTimeoutMs, parent, (signal) => openOn(link, signal))
      } catch (error) {
        // Nothing was asked yet: that a link ended under its lane, or is dead, says nothing of the peer.
        const another = links.to(peer).some((one) => !tried.has(one))
        if (parent.aborted || (link.isOpen && (!another || tried.size >= LINK_TRIES))) throw error
      }
    }
  }
  return async (peer, signal) => {
    const startedAt = clock.monotonic()
    try {
      const { link, stream } = await openOrDial(peer, signal)
      const rttMs = Math.min(clock.monotonic() - startedAt, MAX_GUESSED_RTT_MS)
      return new Lane({ stream, now }, { link, rttMs })
    } catch (cause) {
      if (signal.aborted) throw toRealmeshError(signal.reason, 'CANCELLED')
      log.debug({ peer, err: cause }, 'no lane could be opened')
      throw new RealmeshError('PEER_UNREACHABLE', `peer ${peer} could not be reached`, { cause })
    }
  }
}
