/**
 * yamux whose frames are counted before it sees them: a stream that is opened and reset costs more than it costs its
 * peer.
 */
import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { FloodGuard } from '../flood-guard.ts'
import { type CountedFrames, FrameCounter } from './frame-counter.ts'
import { inTurns, type Passing, part } from './in-turns.ts'
import { quietWhenClosed } from './quiet-when-closed.ts'
import { TurnBudget } from './turn-budget.ts'

/**
 * What is handled in one turn, over all peers: eight streams that begin, at about half a millisecond each for what they
 * then ask (see STREAM_COST), or so many other frames.
 */
export const FRAMES_PER_TURN = 256

const TOO_LONG = 'a frame that is longer than any window'

export interface GuardedMuxerComponents {
  readonly guard: Pick<FloodGuard, 'admits' | 'mustWait' | 'condemn'>
  /** Who is at the other end of an encrypted connection. */
  readonly peerOf: (connection: MessageStream) => string | undefined
  readonly after: Clock['after']
}

export interface GuardedMuxerInit {
  /** Longest data of one frame, bytes. */
  readonly maxDataBytes: number
}

/** `create`, with every connection's frames counted; a connection with too many is cut. */
export function guardedMuxer<C>(
  create: (components: C) => StreamMuxerFactory,
  { guard, peerOf, after }: GuardedMuxerComponents,
  init: GuardedMuxerInit,
): (components: C) => StreamMuxerFactory {
  const turn = new TurnBudget(FRAMES_PER_TURN)
  return (components) => {
    const inner = create(components)
    const createStreamMuxer = (connection: MessageStream): StreamMuxer => {
      const peer = peerOf(connection)
      if (peer !== undefined) watch(connection, peer)
      quietWhenClosed(connection)
      return inner.createStreamMuxer(connection)
    }
    return { protocol: inner.protocol, createStreamMuxer }
  }

  function watch(connection: MessageStream, peer: string): void {
    const frames = new FrameCounter(init)
    const passing: Passing = (data) => {
      if (turn.left <= 0) return 0
      if (guard.mustWait('streams', peer)) return 'wait'
      const counted = frames.count(data, turn.left)
      const cause = whyNot(counted, peer)
      if (cause !== undefined) {
        // All that came counts, or a flood would be cut once per turn instead of being shut out.
        whyNot(frames.count(part(data, counted.bytes, data.byteLength)), peer)
        connection.abort(new RealmeshError('PROTOCOL_ERROR', cause))
        return undefined
      }
      turn.spend(counted.cost)
      return counted.bytes
    }
    inTurns(connection, passing, after)
  }

  function whyNot({ streams, small, tooLong }: CountedFrames, peer: string): string | undefined {
    if (tooLong) {
      guard.condemn(peer, TOO_LONG)
      return TOO_LONG
    }
    if (streams > 0 && !guard.admits('streams', peer, streams)) return 'too many streams opened'
    if (small > 0 && !guard.admits('frames', peer, small)) return 'too many small frames'
    return undefined
  }
}
