/**
 * How a node that is in the swarm stays in it: own nodes and friends are dialled without end, connections that died
 * without a word are found, strangers leave room. Composed here; what each part decides is in its own file.
 */
import { networkInterfaces } from 'node:os'
import type { Connection, PeerId } from '@libp2p/interface'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import { type Startable, startAll, stopAll } from '../../core/run/startable.ts'
import type { Relation } from '../../core/scope.ts'
import type { KeepConnectedLibp2p } from '../contact/keep-connected.ts'
import type { RememberedPeer } from '../contact/remembered-peers.ts'
import { CrowdKeeper } from '../links/crowd-keeper.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { CircleKeeper } from './circle-keeper.ts'
import { ConnectionProbe } from './connection-probe.ts'
import type { Upset } from './upsets.ts'
import { WakeWatch, type WakeWatchComponents } from './wake-watch.ts'

export interface StayingInComponents {
  readonly libp2p: KeepConnectedLibp2p & { getConnections(peer?: PeerId): Connection[] }
  readonly table: Pick<PeerTable, 'onChange' | 'relation'>
  readonly remembered: () => readonly RememberedPeer[]
  /** Peers with a query under way, here or there. */
  readonly busy: () => ReadonlySet<string>
  /** This node was away, or has moved: what was put off is done now. */
  readonly hurry: (upset: Upset) => void
  readonly clock: Clock
  readonly log: Logger
  /** @default those of the machine */
  readonly interfaces?: WakeWatchComponents['interfaces']
}

export class StayingIn implements Startable {
  readonly #components: StayingInComponents
  readonly #probe: ConnectionProbe
  readonly #circle: CircleKeeper
  readonly #parts: readonly Startable[]
  #unlisten = (): void => {}

  constructor(components: StayingInComponents) {
    const { interfaces = networkInterfaces } = components
    this.#components = components
    this.#probe = new ConnectionProbe(components)
    this.#circle = new CircleKeeper(components)
    this.#parts = [
      this.#probe,
      new CrowdKeeper({ ...components, relation: this.#relation }),
      this.#circle,
      new WakeWatch({ ...components, interfaces, onUpset: (upset) => void this.#recover(upset) }),
    ]
  }

  async start(): Promise<void> {
    this.#unlisten()
    this.#unlisten = this.#components.table.onChange(({ kind, id }) => {
      if (kind === 'disconnected') this.#probe.silent(id)
    })
    await startAll(this.#parts)
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#unlisten = () => {}
    await stopAll(this.#parts)
  }

  /** A lane fell silent on the connection. */
  readonly doubt = (connection: Connection): void => this.#probe.doubt(connection)

  /** One that is kept is known for what it is before it shows its card. */
  readonly #relation = (peer: string): Relation => {
    const now = this.#components.table.relation(peer)
    return now === 'stranger' && this.#circle.peers.includes(peer) ? 'friend' : now
  }

  /** What is not connected is dialled at once, what turns out to be dead as soon as that is known. */
  async #recover(upset: Upset): Promise<void> {
    this.#circle.hurry()
    this.#components.hurry(upset)
    await this.#probe.all()
    this.#circle.hurry()
    this.#components.hurry(upset)
  }
}
