/**
 * Both sides of what two nodes are to each other: tells connected peers what they are to us when that is, or was, more
 * than a stranger, and keeps what we are to them. Each owner's word is in force at both ends at once, also where it is
 * taken back.
 */
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { Relation } from '../../core/scope.ts'
import { exchangeStanding, serveStandings } from '../../protocols/standing/exchange.ts'
import type { PeerChange, PeerTable } from './peer-table.ts'

/** What is used of libp2p. */
export interface StandingLibp2p extends Pick<Libp2p, 'handle' | 'unhandle'> {
  getConnections(peer: PeerId): Connection[]
}

export interface MutualStandingComponents {
  readonly libp2p: StandingLibp2p
  readonly table: Pick<PeerTable, 'get' | 'relation' | 'setTheirs' | 'onChange'>
  /** What a connected peer is to us; its card is fetched where there is none. */
  readonly relationOf: (peer: string) => Promise<Relation | undefined>
  readonly clock: Clock
  readonly log: Logger
}

export interface MutualStandingInit {
  readonly network: string
}

export class MutualStanding implements Startable {
  readonly #components: MutualStandingComponents
  readonly #network: string
  /** What connected peers were told last. */
  readonly #told = new Map<string, Relation>()
  #life = linkedAbort()
  #undo: readonly (() => unknown)[] = []

  constructor(components: MutualStandingComponents, { network }: MutualStandingInit) {
    this.#components = components
    this.#network = network
  }

  async start(): Promise<void> {
    const { libp2p, table, clock } = this.#components
    this.#life = linkedAbort()
    const options = { network: this.#network, signal: this.#life.signal, clock }
    this.#undo = [table.onChange(this.#onChange), await serveStandings(libp2p, this.#hear, options)]
  }

  async stop(): Promise<void> {
    this.#life.abort()
    for (const undo of this.#undo) await undo()
    this.#undo = []
    this.#told.clear()
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    if (kind === 'disconnected' || kind === 'gone') this.#told.delete(id)
    if (kind === 'card' || kind === 'relation') this.#tellIfNew(id)
  }

  /** Strangers are told nothing, unless they were more before. */
  #tellIfNew(id: string): void {
    const { table } = this.#components
    const relation = table.relation(id)
    if (table.get(id)?.connected !== true || (this.#told.get(id) ?? 'stranger') === relation) return
    void this.#tell(id, relation)
  }

  /** Never rejects: a peer that cannot be told learns by refusals, as one of an older version does. */
  async #tell(id: string, relation: Relation): Promise<void> {
    const { libp2p, table, clock, log } = this.#components
    const connection = libp2p.getConnections(peerIdFromString(id)).find(({ status }) => status === 'open')
    if (connection === undefined) return
    this.#told.set(id, relation)
    const options = { network: this.#network, signal: this.#life.signal, clock }
    try {
      table.setTheirs(id, await exchangeStanding(connection, relation, options))
    } catch (error) {
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      log.debug({ peer: id, code }, `a peer was not told what it is to us: ${message}`)
    }
  }

  readonly #hear = async (peer: string, theirs: Relation): Promise<Relation> => {
    const { table, relationOf } = this.#components
    const ours = (await relationOf(peer)) ?? 'stranger'
    table.setTheirs(peer, theirs)
    this.#told.set(peer, ours)
    return ours
  }
}
