/**
 * Takes WebRTC connections into the node as it takes all others: their streams are those of the node's own muxer, over
 * one data channel, and their address is where the peer truly is, not the relay over which it was found.
 */
import type {
  MessageStream,
  MultiaddrConnection,
  PeerId,
  StreamMuxer,
  StreamMuxerFactory,
  Upgrader,
} from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../../../core/run/clock.ts'
import type { SecuredPeers } from '../../../../discovery/guard/wire/secured-peers.ts'
import { ChannelPipe } from './channel-pipe.ts'

/** What is used of libp2p's upgrader. */
export interface MuxingUpgrader extends Pick<Upgrader, 'upgradeInbound' | 'upgradeOutbound'> {
  getStreamMuxers(): Map<string, StreamMuxerFactory>
}

export interface OneChannelComponents {
  readonly secured: Pick<SecuredPeers, 'note'>
  /** @default that of the system */
  readonly clock?: Clock
}

/**
 * How long a connection may take to be through once its signalling has ended: the other side is through first, and ends
 * it.
 */
export const THROUGH_MS = 3_000

/** What is used of the native connection that a factory of `@libp2p/webrtc` holds; other versions may not have it. */
interface NativeConnection extends Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> {
  readonly connectionState?: string
  selectedCandidatePair?(): { readonly remote: { readonly address: string; readonly port: number } } | null
}

/**
 * Only transports that bring a muxer are changed, of which WebRTC is the only one here. Returns what it was given. A
 * connection that is not through is refused with `PEER_UNREACHABLE`: `@libp2p/webrtc` hands on those of which the
 * signalling broke off, and they would be taken for the best way to a peer.
 */
export function throughOneChannel<U extends MuxingUpgrader>(
  upgrader: U,
  { secured, clock = systemClock }: OneChannelComponents,
): U {
  const inbound = upgrader.upgradeInbound.bind(upgrader)
  const outbound = upgrader.upgradeOutbound.bind(upgrader)
  const changed = async <O extends { readonly muxerFactory?: StreamMuxerFactory; readonly remotePeer?: PeerId }>(
    connection: MultiaddrConnection,
    options: O,
  ): Promise<O> => {
    const { muxerFactory: channels, remotePeer } = options
    const [muxer] = upgrader.getStreamMuxers().values()
    if (channels === undefined || remotePeer === undefined || muxer === undefined) return options
    await through(nativeOf(channels), clock)
    connection.remoteAddr = trueAddress(channels, remotePeer) ?? connection.remoteAddr
    return { ...options, muxerFactory: overOneChannel(channels, muxer, (pipe) => secured.note(pipe, remotePeer)) }
  }
  upgrader.upgradeInbound = async (connection, options) => inbound(connection, await changed(connection, options))
  upgrader.upgradeOutbound = async (connection, options) => outbound(connection, await changed(connection, options))
  return upgrader
}

function nativeOf(factory: StreamMuxerFactory): NativeConnection | undefined {
  return (factory as { readonly peerConnection?: NativeConnection }).peerConnection
}

/** Resolves when bytes can pass. A native part that tells no state is taken at its word. */
async function through(native: NativeConnection | undefined, clock: Clock): Promise<void> {
  const state = (): string | undefined => native?.connectionState
  if (native === undefined || state() === undefined || state() === 'connected') return
  const { promise, resolve } = Promise.withResolvers<void>()
  const onChange = (): void => {
    if (!['new', 'connecting'].includes(state() ?? '')) resolve()
  }
  onChange()
  native.addEventListener?.('connectionstatechange', onChange)
  const cancel = clock.after(THROUGH_MS, resolve)
  await promise
  cancel()
  native.removeEventListener?.('connectionstatechange', onChange)
  if (state() !== 'connected') throw new RealmeshError('PEER_UNREACHABLE', 'no direct way to the peer was found')
}

/** The address that ICE has chosen; undefined where the native part does not tell. */
function trueAddress(factory: StreamMuxerFactory, peer: PeerId): Multiaddr | undefined {
  const remote = nativeOf(factory)?.selectedCandidatePair?.()?.remote
  if (remote === undefined) return undefined
  const { address, port } = remote
  return multiaddr(`/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/udp/${port}/webrtc/p2p/${peer.toString()}`)
}

function overOneChannel(
  channels: StreamMuxerFactory,
  muxer: StreamMuxerFactory,
  onPipe: (pipe: MessageStream) => void,
): StreamMuxerFactory {
  const createStreamMuxer = (connection: MessageStream): StreamMuxer => {
    const pipe = new ChannelPipe({ connection, channels: channels.createStreamMuxer(connection) })
    onPipe(pipe)
    return muxer.createStreamMuxer(pipe)
  }
  return { protocol: muxer.protocol, createStreamMuxer }
}
