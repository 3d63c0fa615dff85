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
import type { SecuredPeers } from '../../../../discovery/guard/wire/secured-peers.ts'
import { ChannelPipe } from './channel-pipe.ts'

/** What is used of libp2p's upgrader. */
export interface MuxingUpgrader extends Pick<Upgrader, 'upgradeInbound' | 'upgradeOutbound'> {
  getStreamMuxers(): Map<string, StreamMuxerFactory>
}

export interface OneChannelComponents {
  readonly secured: Pick<SecuredPeers, 'note'>
}

/** What is used of the native connection that a factory of `@libp2p/webrtc` holds; other versions may not have it. */
interface NativeConnection {
  selectedCandidatePair?(): { readonly remote: { readonly address: string; readonly port: number } } | null
}

/** Only transports that bring a muxer are changed, of which WebRTC is the only one here. Returns what it was given. */
export function throughOneChannel<U extends MuxingUpgrader>(upgrader: U, { secured }: OneChannelComponents): U {
  const inbound = upgrader.upgradeInbound.bind(upgrader)
  const outbound = upgrader.upgradeOutbound.bind(upgrader)
  const changed = <O extends { readonly muxerFactory?: StreamMuxerFactory; readonly remotePeer?: PeerId }>(
    connection: MultiaddrConnection,
    options: O,
  ): O => {
    const { muxerFactory: channels, remotePeer } = options
    const [muxer] = upgrader.getStreamMuxers().values()
    if (channels === undefined || remotePeer === undefined || muxer === undefined) return options
    connection.remoteAddr = trueAddress(channels, remotePeer) ?? connection.remoteAddr
    return { ...options, muxerFactory: overOneChannel(channels, muxer, (pipe) => secured.note(pipe, remotePeer)) }
  }
  upgrader.upgradeInbound = (connection, options) => inbound(connection, changed(connection, options))
  upgrader.upgradeOutbound = (connection, options) => outbound(connection, changed(connection, options))
  return upgrader
}

/** The address that ICE has chosen; undefined where the native part does not tell. */
function trueAddress(factory: StreamMuxerFactory, peer: PeerId): Multiaddr | undefined {
  const { peerConnection } = factory as { readonly peerConnection?: NativeConnection }
  const remote = peerConnection?.selectedCandidatePair?.()?.remote
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
