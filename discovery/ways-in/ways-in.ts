/** The ways in of a node as one: what it has to begin with, which of it brought the first peer, what else there is. */
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { HeldPeer } from '../contact/keep-connected.ts'
import type { RememberedPeers } from '../contact/remembered-peers.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { BootstrapDoors } from './bootstrap-doors.ts'
import type { FirstPeer, FirstPeerWatch } from './first-peer.ts'
import { ALONE_AFTER_MS, nextSteps, type TriedWay } from './next-steps.ts'

export interface WaysInComponents {
  readonly table: Pick<PeerTable, 'connectedCount'>
  readonly firstPeer: Pick<FirstPeerWatch, 'first'>
  readonly doors: Pick<BootstrapDoors, 'peers' | 'hasAny' | 'unresolved'>
  readonly remembered: Pick<RememberedPeers, 'list'>
  readonly clock: Clock
  readonly log: Logger
}

export interface WaysInInit {
  readonly mdns: boolean
}

/**
 * `waiting`: other ways are tried first. `looking`: in the public DHT. `left`: enough peers are held, nothing is sent
 * there.
 */
export type RendezvousState = 'waiting' | 'looking' | 'left'

export interface RendezvousStatus {
  readonly state: RendezvousState
  /** Whether this node can be found there now: it needs an address that anybody can dial, its own or a relay's. */
  readonly shown: boolean
  /** Nodes that were found there in this run; some may be gone by then. */
  readonly found: number
  /** Why the last visit failed. */
  readonly cause?: string
}

/** What is told of them. */
export interface WaysInStatus {
  /** Absent while there was none. */
  readonly first?: FirstPeer
  readonly bootstrap: readonly HeldPeer[]
  /** Why names of bootstrap peers are not resolved, a line each. */
  readonly unresolved: readonly string[]
  /** Absent where nobody asked for it. */
  readonly rendezvous?: RendezvousStatus
  /** By which ways the node looks for others when it is alone. */
  readonly tried: readonly TriedWay[]
  /** What a person does next, a line each; empty while the node is connected. */
  readonly next: readonly string[]
}

export class WaysIn implements Startable {
  readonly #components: WaysInComponents
  readonly #init: WaysInInit
  #rendezvous: (() => RendezvousStatus) | undefined
  #cancelLook: (() => void) | undefined

  constructor(components: WaysInComponents, init: WaysInInit) {
    this.#components = components
    this.#init = init
  }

  /** Says once in the log that the node is alone, when it still is after a while. */
  async start(): Promise<void> {
    const { clock, log } = this.#components
    this.#cancelLook = clock.after(ALONE_AFTER_MS, () => {
      this.#cancelLook = undefined
      const next = this.status().next
      if (next.length > 0) log.info({ next }, 'no other node yet')
    })
  }

  async stop(): Promise<void> {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  /** There is a public rendezvous too. */
  tellOf(rendezvous: { status(): RendezvousStatus }): void {
    this.#rendezvous = () => rendezvous.status()
  }

  status(): WaysInStatus {
    const { table, firstPeer, doors, remembered } = this.#components
    const { first } = firstPeer
    const { mdns } = this.#init
    const tried: readonly TriedWay[] = [
      ...(remembered.list().length > 0 ? (['remembered'] as const) : []),
      ...(doors.hasAny ? (['bootstrap'] as const) : []),
      ...(mdns ? (['mdns'] as const) : []),
      ...(this.#rendezvous === undefined ? [] : (['rendezvous'] as const)),
    ]
    const next = table.connectedCount > 0 ? [] : nextSteps(tried)
    const rendezvous = this.#rendezvous?.()
    const told = { ...(first !== undefined && { first }), ...(rendezvous !== undefined && { rendezvous }) }
    return { ...told, bootstrap: doors.peers(), unresolved: doors.unresolved, tried, next }
  }
}
