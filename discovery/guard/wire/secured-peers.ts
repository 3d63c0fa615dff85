/** Keeps in mind who is at the other end of each encrypted connection: libp2p tells it to the upgrader alone. */
import type { ConnectionEncrypter, MessageStream, PeerId, SecuredConnection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { onePerTurn } from './one-per-turn.ts'

/** A handshake that has proved a peer's key. */
export interface Handshake {
  readonly peer: string
  readonly direction: 'inbound' | 'outbound'
  readonly remoteAddr: Multiaddr | undefined
}

/** As an encrypter gets them: connections that know where they lead. */
interface Placed {
  readonly remoteAddr?: Multiaddr
}

export interface SecuredPeersInit {
  readonly onHandshake?: (handshake: Handshake) => void
}

export class SecuredPeers {
  readonly #peers = new WeakMap<MessageStream, string>()
  readonly #onHandshake: SecuredPeersInit['onHandshake']
  readonly #turn = onePerTurn()

  constructor(init: SecuredPeersInit = {}) {
    this.#onHandshake = init.onHandshake
  }

  /** A connection that was encrypted by other means leads to this peer. */
  note(connection: MessageStream, peer: PeerId): void {
    this.#peers.set(connection, peer.toString())
  }

  /** Undefined for a connection of which nobody told. */
  peerOf(connection: MessageStream): string | undefined {
    return this.#peers.get(connection)
  }

  /** The encrypter that `create` makes, watched. */
  watching<C>(create: (components: C) => ConnectionEncrypter): (components: C) => ConnectionEncrypter {
    return (components) => {
      const inner = create(components)
      return {
        protocol: inner.protocol,
        secureInbound: async (connection, options) => {
          // Each makes a certificate and signs: ten at once would hold the loop for a tenth of a second.
          await this.#turn()
          return this.#secured(await inner.secureInbound(connection, options), 'inbound', connection)
        },
        secureOutbound: async (connection, options) =>
          this.#secured(await inner.secureOutbound(connection, options), 'outbound', connection),
      }
    }
  }

  #secured(
    secured: SecuredConnection,
    direction: Handshake['direction'],
    raw: MessageStream & Placed,
  ): SecuredConnection {
    const peer = secured.remotePeer.toString()
    this.#peers.set(secured.connection, peer)
    this.#onHandshake?.({ peer, direction, remoteAddr: raw.remoteAddr })
    return secured
  }
}
