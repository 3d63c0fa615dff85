/** What the doctor reads off libp2p and discovery at one moment, and what it may have dialled. */
import type { Path } from '../../../core/net/path.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { PunchingState } from '../../../discovery/punch/punching-state.ts'
import type { OwnReachReport } from '../../../discovery/reach/own-reach.ts'

/** An open connection. */
export interface SeenConnection {
  readonly peer: string
  readonly inbound: boolean
  /** Multiaddr of the other end. */
  readonly address: string
  readonly path: Path
  /** Milliseconds; absent until measured. */
  readonly rttMs?: number
}

/** A node of this network that announced itself in the local network. */
export interface HeardNeighbour {
  readonly id: string
  readonly addresses: readonly string[]
}

/** Clocks of connected peers. */
export interface ReadClocks {
  /** How many told their time. */
  readonly heard: number
  /** Of those that are too far off: milliseconds ahead of ours, by peer id. */
  readonly skews: ReadonlyMap<string, number>
}

/** Whether others can dial this node, from where, and the relays through which they come. */
export type ReadReach = Pick<OwnReachReport, 'dialable' | 'zone' | 'relays'>

/** What came of one dial. */
export interface DialResult {
  readonly address: string
  /** Why there is no connection, in one line; absent where there is one. */
  readonly problem?: string
  /** Milliseconds until the connection stood. */
  readonly tookMs?: number
}

export interface SwarmReadings {
  readonly peerId: string
  readonly network: string
  connections(): readonly SeenConnection[]
  /** Where this node can be dialled, multiaddrs. */
  addresses(): readonly string[]
  reach(): ReadReach
  /** Nodes in the routing table of the DHT. */
  dhtSize(): number
  /** Topics of load records that this node follows, and the peers with which it exchanges them. */
  gossip(): { readonly topics: number; readonly peers: number }
  clocks(): ReadClocks
  /** Whether this node can open direct ways by WebRTC, and why not. */
  webRtc(): { readonly state: PunchingState; readonly why?: string }
  /** Whom it asks where the internet sees it, such as `stun:192.0.2.1:4501`. */
  stunServers(): readonly string[]
  neighbours(): readonly HeardNeighbour[]
  /** One line where another node has this node's identity. */
  twins(): readonly string[]
  /** What libp2p has been told that a peer speaks, and where it is. */
  told(peer: string): Promise<{ readonly protocols: readonly string[]; readonly addresses: readonly string[] }>
  /** Dials one address of a peer that is not connected. `told`: the owner, or a neighbour itself, named it. */
  dial(
    peer: string,
    address: string,
    options: { readonly told: boolean; readonly signal: CancelSignal },
  ): Promise<DialResult>
}
