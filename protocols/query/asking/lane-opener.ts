/**
 * Opens lanes: dials where there is no connection, and tells a peer that cannot be reached from a caller that has left.
 */

import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from '../../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import {
  LANE_DIAL_TIMEOUT_MS,
  MAX_GUESSED_RTT_MS,
  MAX_LANES_PER_CONNECTION,
  OPEN_TIMEOUT_MS,
  queryProtocol,
} from '../constants.ts'
import { Lane } from './lane.ts'

export interface LaneOpenerComponents {
  readonly libp2p: Pick<Libp2p, 'dialProtocol' | 'getConnections'>
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

/**
 * A function that opens a lane to a peer. It rejects with `PEER_UNREACHABLE`, or with what `signal` was aborted for.
 */
export function laneOpener(
  { libp2p, clock, now, log }: LaneOpenerComponents,
  init: LaneOpenerInit,
): (peer: string, signal: CancelSignal) => Promise<Lane> {
  const protocol = queryProtocol(init.network)
  const dialTimeoutMs = init.dialTimeoutMs ?? LANE_DIAL_TIMEOUT_MS
  const openTimeoutMs = init.openTimeoutMs ?? OPEN_TIMEOUT_MS
  const open = async (peer: PeerId, signal: AbortSignal): Promise<Stream> => {
    const stream = await libp2p.dialProtocol(peer, protocol, {
      signal,
      maxOutboundStreams: MAX_LANES_PER_CONNECTION,
      runOnLimitedConnection: true,
    })
    if (signal.aborted) stream.abort(new RealmeshError('CANCELLED', 'the lane came too late'))
    return stream
  }
  const isConnected = (peer: PeerId): boolean => libp2p.getConnections(peer).length > 0
  const openWithin = (peer: PeerId, limitMs: number, signal: CancelSignal): Promise<Stream> =>
    withinLimit(signal, limitMs, `no lane to peer ${peer}`, (limited) => open(peer, limited), clock)
  const openOrRedial = async (peer: PeerId, signal: CancelSignal): Promise<Stream> => {
    if (!isConnected(peer)) return await openWithin(peer, dialTimeoutMs, signal)
    try {
      return await openWithin(peer, openTimeoutMs, signal)
    } catch (error) {
      // The connection ended under the stream, and nothing was asked yet: that says nothing of the peer.
      if (signal.aborted || isConnected(peer)) throw error
      return await openWithin(peer, dialTimeoutMs, signal)
    }
  }
  return async (peer, signal) => {
    const startedAt = clock.monotonic()
    try {
      const stream = await openOrRedial(peerIdFromString(peer), signal)
      const rttMs = Math.min(clock.monotonic() - startedAt, MAX_GUESSED_RTT_MS)
      return new Lane({ stream, now }, { peer, rttMs })
    } catch (cause) {
      if (signal.aborted) throw toRealmeshError(signal.reason, 'CANCELLED')
      log.debug({ peer, err: cause }, 'no lane could be opened')
      throw new RealmeshError('PEER_UNREACHABLE', `peer ${peer} could not be reached`, { cause })
    }
  }
}
