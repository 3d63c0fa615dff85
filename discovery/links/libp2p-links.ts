/** The links of this node as libp2p's connections make them. */
import type { Connection, Libp2p, Libp2pEvents, PeerId, Stream, TypedEventTarget } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Path } from '../../core/net/path.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_LANES_PER_CONNECTION } from '../../protocols/query/constants.ts'
import type { LaneHandler, LaneStream, Link, LinkLimits, Links } from '../../protocols/query/link.ts'
import { compareLinks, isBetterLink } from './link-order.ts'
import { pathOf } from './path-of.ts'
import type { RelayedBytes } from './relayed-bytes.ts'

/** What is used of libp2p. */
export interface LinkedLibp2p
  extends Pick<Libp2p, 'handle' | 'unhandle'>,
    Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  getConnections(peer?: PeerId): Connection[]
  dial(peer: PeerId, options: { readonly signal: AbortSignal }): Promise<Connection>
}

export interface Libp2pLinksComponents {
  readonly libp2p: LinkedLibp2p
  /** Counts what goes over relays. @default nobody counts */
  readonly relayed?: Pick<RelayedBytes, 'hasRoom' | 'counting'>
  /** Told of a connection on which a lane fell silent, or could not be opened in time. */
  readonly onDoubt?: (connection: Connection) => void
}

/** A connection as a link. */
class ConnectionLink implements Link {
  readonly peer: string
  readonly path: Path
  suspect = false
  readonly #connection: Connection
  readonly #onDoubt: Libp2pLinksComponents['onDoubt']
  /** Undefined where no relay carries the bytes. */
  readonly #relayed: Libp2pLinksComponents['relayed']

  constructor(connection: Connection, { onDoubt, relayed }: Omit<Libp2pLinksComponents, 'libp2p'>) {
    this.#connection = connection
    this.#onDoubt = onDoubt
    this.peer = connection.remotePeer.toString()
    this.path = pathOf(connection)
    this.#relayed = this.path.kind === 'relayed' ? relayed : undefined
  }

  /** Whether a new lane may go on it: a relay's limits and this node's own budget leave room. */
  get hasRoom(): boolean {
    return this.#relayed?.hasRoom(this.limits) ?? true
  }

  get rttMs(): number | undefined {
    return this.#connection.rtt
  }

  get limits(): LinkLimits | undefined {
    const { limits } = this.#connection
    if (limits === undefined) return undefined
    const { bytes, seconds } = limits
    return { ...(bytes === undefined ? {} : { bytes: Number(bytes) }), ...(seconds === undefined ? {} : { seconds }) }
  }

  get isOpen(): boolean {
    return this.#connection.status === 'open'
  }

  async openLane(protocol: string, signal: AbortSignal): Promise<LaneStream> {
    if (!this.hasRoom) throw new RealmeshError('PEER_UNREACHABLE', 'the bytes that may go over relays are used up')
    try {
      const stream = await this.#connection.newStream(protocol, {
        signal,
        maxOutboundStreams: MAX_LANES_PER_CONNECTION,
        runOnLimitedConnection: true,
      })
      this.suspect = false
      return this.counted(stream)
    } catch (error) {
      if (!signal.aborted || isOverdue(signal.reason)) this.doubt()
      throw error
    }
  }

  counted(stream: LaneStream): LaneStream {
    return this.#relayed?.counting(stream) ?? stream
  }

  doubt(): void {
    this.suspect = true
    this.#onDoubt?.(this.#connection)
  }
}

/** Whether the time ran out, rather than that the caller left. */
function isOverdue(reason: unknown): boolean {
  return reason instanceof RealmeshError && reason.code === 'TIMEOUT'
}

export class Libp2pLinks implements Links {
  readonly #components: Libp2pLinksComponents
  readonly #libp2p: LinkedLibp2p
  /** A connection is one link, for as long as libp2p keeps it. */
  readonly #links = new WeakMap<Connection, ConnectionLink>()

  constructor(components: Libp2pLinksComponents) {
    this.#components = components
    this.#libp2p = components.libp2p
  }

  to(peer: string): readonly Link[] {
    const links = this.#libp2p.getConnections(peerIdFromString(peer)).map((connection) => this.#linkOf(connection))
    const open = links.filter(({ isOpen, hasRoom }) => isOpen && hasRoom)
    return open.length < 2 ? open : open.sort(compareLinks)
  }

  async dial(peer: string, signal: AbortSignal): Promise<Link> {
    return this.#linkOf(await this.#libp2p.dial(peerIdFromString(peer), { signal }))
  }

  onBetter(listener: (link: Link) => void): () => void {
    const onOpen = ({ detail }: CustomEvent<Connection>): void => {
      const link = this.#linkOf(detail)
      const others = this.#libp2p.getConnections(detail.remotePeer).filter((other) => other !== detail)
      if (others.length > 0 && others.every((other) => isBetterLink(link, this.#linkOf(other)))) listener(link)
    }
    this.#libp2p.addEventListener('connection:open', onOpen)
    return () => this.#libp2p.removeEventListener('connection:open', onOpen)
  }

  async accept(protocol: string, { maxLanes, onLane }: LaneHandler): Promise<void> {
    const take = (stream: Stream, connection: Connection): void => {
      const link = this.#linkOf(connection)
      onLane(link.counted(stream), link.peer)
    }
    await this.#libp2p.handle(protocol, take, {
      maxInboundStreams: maxLanes,
      maxOutboundStreams: maxLanes,
      runOnLimitedConnection: true,
    })
  }

  async refuse(protocol: string): Promise<void> {
    await this.#libp2p.unhandle(protocol)
  }

  #linkOf(connection: Connection): ConnectionLink {
    const known = this.#links.get(connection)
    if (known !== undefined) return known
    const link = new ConnectionLink(connection, this.#components)
    this.#links.set(connection, link)
    return link
  }
}
