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
  readonly doors: Pick<BootstrapDoors, 'peers' | 'hasAny'>
  readonly remembered: Pick<RememberedPeers, 'list'>
  readonly clock: Clock
  readonly log: Logger
}

export interface WaysInInit {
  readonly mdns: boolean
}

/** What is told of them. */
export interface WaysInStatus {
  /** Absent while there was none. */
  readonly first?: FirstPeer
  readonly bootstrap: readonly HeldPeer[]
  /** By which ways the node looks for others when it is alone. */
  readonly tried: readonly TriedWay[]
  /** What a person does next, a line each; empty while the node is connected. */
  readonly next: readonly string[]
}

export class WaysIn implements Startable {
  readonly #components: WaysInComponents
  readonly #init: WaysInInit
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

  status(): WaysInStatus {
    const { table, firstPeer, doors, remembered } = this.#components
    const { first } = firstPeer
    const { mdns } = this.#init
    const tried: readonly TriedWay[] = [
      ...(remembered.list().length > 0 ? (['remembered'] as const) : []),
      ...(doors.hasAny ? (['bootstrap'] as const) : []),
      ...(mdns ? (['mdns'] as const) : []),
    ]
    const next = table.connectedCount > 0 ? [] : nextSteps(tried)
    return { ...(first !== undefined && { first }), bootstrap: doors.peers(), tried, next }
  }
}
