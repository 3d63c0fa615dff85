/**
 * Keeps in mind which addresses were told by a source that is trusted with it, and is the part of libp2p's connection
 * gater that judges dials by it.
 */
import type { ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import { mayDial, type OwnPlace } from '../addresses/may-dial.ts'
import { withoutPeer } from './known-addresses.ts'

/** All addresses of all remembered peers: 500 with 8 each. */
export const MAX_TOLD_ADDRESSES = 4_000

export interface DialGateComponents {
  /** As it is at the moment of a dial. */
  readonly own: () => OwnPlace
}

export class DialGate {
  readonly #own: () => OwnPlace
  readonly #told = new LRUCache<string, true>({ max: MAX_TOLD_ADDRESSES })

  constructor({ own }: DialGateComponents) {
    this.#own = own
  }

  /**
   * These come from the owner, from a neighbour in the local network, or from the own federation: they are dialled
   * wherever they lead.
   */
  readonly tell = (addresses: readonly Multiaddr[]): void => {
    for (const address of addresses) this.#told.set(withoutPeer(address.toString()), true)
  }

  readonly denyDialMultiaddr: NonNullable<ConnectionGater['denyDialMultiaddr']> = (address) => {
    const learned = this.#told.get(withoutPeer(address.toString())) === true ? 'told' : 'heard'
    return !mayDial(address, learned, this.#own())
  }
}
