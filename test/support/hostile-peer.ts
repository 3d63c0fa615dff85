/**
 * A stranger in this process that floods a node, by every protocol that a stranger can call. It speaks libp2p honestly
 * up to the point where honesty ends: frames go past its own muxer where that would hold back.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Connection, Libp2p, MessageStream, Stream } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import * as lp from 'it-length-prefixed'
import { cardProtocol } from '../../protocols/card/constants.ts'
import { queryProtocol } from '../../protocols/query/constants.ts'
import { askFrames } from '../../protocols/query/frames/ask-codec.ts'
import { libp2pNode } from './libp2p-node.ts'
import { chatQuery } from './query.ts'
import { DATA, RST, SYN, WINDOW, yamuxFrame } from './yamux-frame.ts'

export type Flood =
  | 'streams'
  | 'frames'
  | 'endless-frame'
  | 'identify'
  | 'push'
  | 'ping'
  | 'card'
  | 'dht-find'
  | 'dht-provide'
  | 'gossip'
  | 'lanes'
  | 'junk-queries'
  | 'large-queries'
  | 'unknown-protocols'

/** Of the addresses from which they come: 127.0.0.1 is that of the node. */
const FIRST_HOST = 2
/** Ids of streams beside those that the peer's own muxer hands out. */
const FIRST_RAW_STREAM = 1_000_001
/** Longest wait for a stream: one that is refused may never open. */
const OPEN_MS = 2_000

const FIND_NODE = 4
const ADD_PROVIDER = 2

export class HostilePeer {
  readonly libp2p: Libp2p
  readonly #target: Multiaddr
  readonly #network: string
  #connection: Connection | undefined
  #rawStream = FIRST_RAW_STREAM
  readonly #streams = new Map<string, Stream>()

  private constructor(libp2p: Libp2p, target: Multiaddr, network: string) {
    this.libp2p = libp2p
    this.#target = target
    this.#network = network
  }

  /**
   * A fresh identity; `address` names the node that it is hostile to. Peers with different numbers come from different
   * addresses, where loopback has more than one.
   */
  static async against(address: string, network: string, number: number): Promise<HostilePeer> {
    const from = process.platform === 'linux' ? `127.0.0.${FIRST_HOST + number}` : undefined
    return new HostilePeer(await libp2pNode(undefined, from), multiaddr(address), network)
  }

  get id(): string {
    return this.libp2p.peerId.toString()
  }

  async stop(): Promise<void> {
    await this.libp2p.stop()
  }

  /** Sends one volley. What fails is left at that: to be cut is the trade's risk. */
  async send(flood: Flood): Promise<void> {
    try {
      await VOLLEYS[flood](this)
    } catch {}
  }

  /** The connection, dialled again when it was cut. Rejects when the node lets it in no more. */
  async connection(): Promise<Connection> {
    if (this.#connection?.status !== 'open') this.#connection = await this.libp2p.dial(this.#target)
    return this.#connection
  }

  /** Whether the node still lets it in: a dial alone may succeed at this end before it is refused at the other. */
  async isLetIn(): Promise<boolean> {
    try {
      const stream = await this.open('/ipfs/ping/1.0.0')
      stream.abort(new Error('enough'))
      return true
    } catch {
      return false
    }
  }

  async open(protocol: string): Promise<Stream> {
    const connection = await this.connection()
    return await connection.newStream(protocol, { maxOutboundStreams: 5_000, signal: AbortSignal.timeout(OPEN_MS) })
  }

  /** The stream that was opened before, if it still takes anything. */
  async reopen(protocol: string): Promise<Stream> {
    const before = this.#streams.get(protocol)
    if (before?.status === 'open' && before.writeStatus === 'writable') return before
    const stream = await this.open(protocol)
    this.#streams.set(protocol, stream)
    return stream
  }

  protocol(name: 'kad' | 'card' | 'query'): string {
    if (name === 'card') return cardProtocol(this.#network)
    if (name === 'query') return queryProtocol(this.#network)
    return `/realmesh/${this.#network}/kad/1.0.0`
  }

  async sendFrames(frames: readonly Uint8Array[]): Promise<void> {
    const { muxer } = (await this.connection()) as unknown as { readonly muxer: { readonly maConn: MessageStream } }
    muxer.maConn.send(Buffer.concat(frames))
    await nextTurn()
  }

  nextRawStream(): number {
    this.#rawStream += 2
    return this.#rawStream
  }
}

async function nextTurn(): Promise<void> {
  await new Promise(setImmediate)
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

/** Opens streams one after the other and drops each. */
function dropped(count: number, protocol: (peer: HostilePeer) => string) {
  return async (peer: HostilePeer): Promise<void> => {
    for (let i = 0; i < count; i += 1) (await peer.open(protocol(peer))).abort(new Error('enough'))
  }
}

/** Opens streams and names a protocol on each, all in one piece and without a look at the answers. */
function named(count: number, protocol: (peer: HostilePeer, i: number) => string) {
  const line = (text: string): Uint8Array => lp.encode.single(Buffer.from(`${text}\n`)).subarray()
  return (peer: HostilePeer): Promise<void> =>
    peer.sendFrames(
      times(count, (i) => {
        const data = Buffer.concat([line('/multistream/1.0.0'), line(protocol(peer, i))])
        return yamuxFrame({ type: DATA, flags: SYN, stream: peer.nextRawStream(), data })
      }),
    )
}

/** Sends it over one stream, as long as that is open. */
function sent(protocol: (peer: HostilePeer) => string, bytes: (peer: HostilePeer) => Uint8Array) {
  return async (peer: HostilePeer): Promise<void> => {
    const stream = await peer.reopen(protocol(peer))
    stream.send(bytes(peer))
    await nextTurn()
  }
}

/** A field of a protobuf message: bytes, or a small number. */
function field(number: number, value: Uint8Array | number): Uint8Array {
  return typeof value === 'number'
    ? Uint8Array.of(number << 3, value)
    : Buffer.concat([Uint8Array.of((number << 3) | 2), lp.encode.single(value).subarray()])
}

function lookUp(): Uint8Array {
  return lp.encode.single(Buffer.concat([field(1, FIND_NODE), field(2, randomBytes(32))])).subarray()
}

/** A provider record of the peer's own, with as many addresses as it likes: others in each. */
function record(peer: HostilePeer): Uint8Array {
  const [c = 0, d = 0] = randomBytes(2)
  const addresses = times(50, (i) => field(2, multiaddr(`/ip4/198.18.${c}.${d}/tcp/${i + 1}`).bytes))
  const provider = Buffer.concat([field(1, peer.libp2p.peerId.toMultihash().bytes), ...addresses, field(3, 1)])
  const key = Buffer.concat([Uint8Array.of(0x12, 0x20), randomBytes(32)])
  return lp.encode.single(Buffer.concat([field(1, ADD_PROVIDER), field(2, key), field(9, provider)])).subarray()
}

const VOLLEYS: Readonly<Record<Flood, (peer: HostilePeer) => Promise<void>>> = {
  streams: (peer) =>
    peer.sendFrames(
      times(200, () => {
        const stream = peer.nextRawStream()
        return Buffer.concat([
          yamuxFrame({ type: WINDOW, flags: SYN, stream }),
          yamuxFrame({ type: WINDOW, flags: RST, stream }),
        ])
      }),
    ),
  frames: (peer) => peer.sendFrames(times(20_000, (i) => yamuxFrame({ type: WINDOW, stream: i + 1, length: 1 }))),
  'endless-frame': (peer) =>
    peer.sendFrames([yamuxFrame({ type: DATA, flags: SYN, stream: peer.nextRawStream(), length: 2 ** 32 - 1 })]),
  identify: dropped(10, () => '/realmesh/id/1.0.0'),
  push: sent(
    () => '/realmesh/id/push/1.0.0',
    () => lp.encode.single(new Uint8Array(8_000).fill(26)).subarray(),
  ),
  ping: sent(
    () => '/ipfs/ping/1.0.0',
    () => new Uint8Array(32 * 1_024),
  ),
  card: named(60, (peer) => peer.protocol('card')),
  'dht-find': sent(
    (peer) => peer.protocol('kad'),
    () => Buffer.concat(times(100, lookUp)),
  ),
  'dht-provide': sent(
    (peer) => peer.protocol('kad'),
    (peer) => Buffer.concat(times(100, () => record(peer))),
  ),
  gossip: sent(
    () => '/meshsub/1.1.0',
    () => Buffer.concat(times(300, () => lp.encode.single(randomBytes(64)).subarray())),
  ),
  lanes: named(300, (peer) => peer.protocol('query')),
  'junk-queries': sent(
    (peer) => peer.protocol('query'),
    () => Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f),
  ),
  'large-queries': sent(
    (peer) => peer.protocol('query'),
    () => Buffer.concat([...askFrames(1, chatQuery({ id: randomUUID() }), Buffer.alloc(2 * 2 ** 20, ' '))]),
  ),
  'unknown-protocols': named(300, (_peer, i) => `/nobody/speaks/${i}`),
}

export const FLOODS = Object.keys(VOLLEYS) as readonly Flood[]
