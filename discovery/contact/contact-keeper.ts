/**
 * Keeps the way back to peers that were met: notes their addresses for the next start, dials them when peers are few.
 */
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { DialGate } from './dial-gate.ts'
import { type AddressBook, knownAddresses } from './known-addresses.ts'
import type { PeerDialer } from './peer-dialer.ts'
import type { RememberedPeers } from './remembered-peers.ts'

/** Remembered peers that are dialled in one go, the best first. */
const REMEMBERED_PER_TRY = 16
/** Tag that keeps own nodes from being pruned, and makes libp2p dial them again when they are lost. */
const HOME_TAG = { 'keep-alive-realmesh-home': { value: 80 } }

/** What is used of libp2p. */
export interface ContactLibp2p extends AddressBook {
  readonly peerStore: AddressBook['peerStore'] & {
    merge(peer: PeerId, data: { readonly tags: Record<string, { readonly value: number }> }): Promise<unknown>
  }
}

export interface ContactKeeperComponents {
  readonly libp2p: ContactLibp2p
  readonly table: Pick<PeerTable, 'get' | 'entries'>
  readonly remembered: Pick<RememberedPeers, 'list' | 'note'>
  readonly dialer: Pick<PeerDialer, 'suggest'>
  readonly dialGate: Pick<DialGate, 'tell'>
  /** Told of each remembered peer before it is dialled. */
  readonly name: (way: 'remembered', peer: string, addresses: readonly Multiaddr[]) => void
  readonly log: Logger
}

export class ContactKeeper {
  readonly #components: ContactKeeperComponents

  constructor(components: ContactKeeperComponents) {
    this.#components = components
  }

  /** Notes where a connected peer with a card can be found again. Never rejects. */
  async note(id: string): Promise<void> {
    const { libp2p, table, remembered, dialGate, log } = this.#components
    const entry = table.get(id)
    if (entry?.card === undefined || !entry.connected) return
    const { subnet } = entry
    const { relation } = entry.standing
    try {
      const peer = peerIdFromString(id)
      const addresses = [...(await knownAddresses(libp2p, peer))]
      if (relation === 'home') {
        // Before the tag: with it libp2p dials by itself.
        dialGate.tell(addresses.map((address) => multiaddr(address)))
        await libp2p.peerStore.merge(peer, { tags: HOME_TAG })
      }
      remembered.note({ id, relation, addresses, ...(subnet === undefined ? {} : { subnet }) })
    } catch (error) {
      const { code, message } = toRealmeshError(error)
      log.debug({ code, peer: id, cause: message }, 'peer not remembered')
    }
  }

  /** Notes all peers that are connected now. Never rejects. */
  async noteConnected(): Promise<void> {
    const connected = [...this.#components.table.entries()].filter((entry) => entry.connected)
    await Promise.all(connected.map((entry) => this.note(entry.id)))
  }

  /** Hands the best remembered peers to the dialer. */
  dialRemembered(): void {
    const { remembered, dialer, dialGate, name } = this.#components
    for (const { id, relation, addresses: texts } of remembered.list().slice(0, REMEMBERED_PER_TRY)) {
      const addresses = texts.map((address) => multiaddr(address))
      if (relation === 'home') dialGate.tell(addresses)
      name('remembered', id, addresses)
      dialer.suggest({ id, addresses })
    }
  }
}
