/** Keeps own nodes and friends connected without end: they are dialled again and again where they were met. */
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { KeepConnected, type KeepConnectedLibp2p } from '../contact/keep-connected.ts'
import { addressedTo } from '../contact/peer-dialer.ts'
import type { RememberedPeer } from '../contact/remembered-peers.ts'
import type { PeerTable } from '../peers/peer-table.ts'

/** Own nodes and friends that are dialled again and again. More are reached as any other peer is. */
export const MAX_KEPT_PEERS = 8
/** News is gathered for so long: a swarm that joins in one moment tells of many. */
const GATHER_MS = 1_000

export interface CircleKeeperComponents {
  readonly libp2p: KeepConnectedLibp2p
  readonly table: Pick<PeerTable, 'onChange' | 'relation'>
  /** Peers that were met, the best first. */
  readonly remembered: () => readonly RememberedPeer[]
  readonly clock: Clock
  readonly log: Logger
}

export class CircleKeeper implements Startable {
  readonly #components: CircleKeeperComponents
  readonly #kept: KeepConnected
  #unlisten = (): void => {}
  #cancelGather: (() => void) | undefined

  constructor(components: CircleKeeperComponents) {
    this.#components = components
    const { libp2p, clock, log } = components
    this.#kept = new KeepConnected({ libp2p, clock, log }, { addresses: [], what: 'circle' })
  }

  async start(): Promise<void> {
    this.#unlisten()
    this.#unlisten = this.#components.table.onChange(({ kind }) => {
      if (kind === 'card' || kind === 'relation' || kind === 'gone') this.#gather()
    })
    await this.#kept.start()
    this.#keep()
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#unlisten = () => {}
    this.#cancelGather?.()
    this.#cancelGather = undefined
    await this.#kept.stop()
  }

  /** Ids of those that are kept. */
  get peers(): readonly string[] {
    return this.#kept.peers().map(({ peer }) => peer)
  }

  /** Dials at once those that are not connected. */
  hurry(): void {
    this.#kept.hurry()
  }

  #gather(): void {
    this.#cancelGather ??= this.#components.clock.after(GATHER_MS, () => {
      this.#cancelGather = undefined
      this.#keep()
    })
  }

  #keep(): void {
    this.#kept.keep(addressesOfCircle(this.#components.remembered(), this.#components.libp2p.peerId.toString()))
  }
}

/** Where the best own nodes and friends were met, each address with its peer. Pure. */
export function addressesOfCircle(remembered: readonly RememberedPeer[], self: string): readonly Multiaddr[] {
  return remembered
    .filter(({ id, relation }) => relation !== 'stranger' && id !== self)
    .slice(0, MAX_KEPT_PEERS)
    .flatMap(({ id, addresses }) => addresses.map((address) => addressedTo(multiaddr(address), named(id))))
}

/** As libp2p writes it: the same peer under two spellings would be two. */
function named(id: string): string {
  return peerIdFromString(id).toString()
}
