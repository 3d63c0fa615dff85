/**
 * What lanes need of a transport. The query protocol names it here, because it is the part that uses it; what knows the
 * transport fills it in (`discovery/links/`). Another transport than libp2p's comes in by another `Links`, and neither
 * the lanes nor the routing change.
 */
import type { Stream } from '@libp2p/interface'
import type { Path } from '../../core/net/path.ts'

/**
 * A stream of bytes, both ways: what a lane uses of libp2p's, which therefore is one as it stands. Nothing lies between
 * a frame and the transport.
 */
export type LaneStream = Pick<
  Stream,
  | 'status'
  | 'writeStatus'
  | 'readStatus'
  | 'readableEnded'
  | 'writableNeedsDrain'
  | 'send'
  | 'pause'
  | 'resume'
  | 'close'
  | 'abort'
  | 'addEventListener'
  | 'removeEventListener'
>

/** What a relay lets through, as far as it says. */
export interface LinkLimits {
  /** Bytes that are left, both ways together. */
  readonly bytes?: number
  /** Seconds that are left. */
  readonly seconds?: number
}

/** One open way to one peer. */
export interface Link {
  /** Peer id, proved by the transport. */
  readonly peer: string
  readonly path: Path
  /** The latest measured round trip, milliseconds; undefined until there is one. */
  readonly rttMs: number | undefined
  /** Undefined where there are none. */
  readonly limits: LinkLimits | undefined
  /** Whether a lane can be opened on it, as far as this end knows. */
  readonly isOpen: boolean
  /** Rejects with what the transport fails with, or the signal's reason. */
  openLane(protocol: string, signal: AbortSignal): Promise<LaneStream>
  /** A lane on it fell silent: new ones rather go elsewhere, until one was opened on it again. */
  doubt(): void
}

/** How lanes of peers are taken. */
export interface LaneHandler {
  /** Streams of one link that are let through. */
  readonly maxLanes: number
  /** Called with each lane that a peer opens. */
  onLane(stream: LaneStream, peer: string): void
}

/** All ways to all peers. */
export interface Links {
  /** Open links to a peer on which a new lane may go, the best first. */
  to(peer: string): readonly Link[]
  /** Makes a link. Rejects when the peer cannot be reached, or with the signal's reason. */
  dial(peer: string, signal: AbortSignal): Promise<Link>
  /** Calls `listener` with each link on which new lanes go from now on instead of another; returns what ends it. */
  onBetter(listener: (link: Link) => void): () => void
  /** Takes lanes of peers from now on. */
  accept(protocol: string, handler: LaneHandler): Promise<void>
  /** Takes no more of them. */
  refuse(protocol: string): Promise<void>
}
