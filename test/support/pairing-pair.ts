/** Desks of several nodes in this process, joined by streams in memory: what a desk opens, the other one is asked by. */
import { streamPair } from '@libp2p/utils'
import { silentLogger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Relation } from '../../core/scope.ts'
import type { Pairing } from '../../node/api/joining/pairing-control.ts'
import { PairingDesk } from '../../node/pair/pairing-desk.ts'
import type { PairOffer } from '../../protocols/pair/comparison.ts'
import { PairLine } from '../../protocols/pair/pair-line.ts'
import { eventually } from './daemon.ts'

export interface DeskedNode {
  readonly id: string
  readonly desk: PairingDesk
  /** Lines that its owner was told. */
  readonly told: string[]
  /** What was handed over and done, in order. */
  readonly done: string[]
}

export interface DeskedInit {
  readonly name: string
  readonly clock: Clock
  readonly offer?: Partial<PairOffer>
  /** What other nodes are to it. @default strangers */
  readonly relations?: Readonly<Record<string, Relation>>
}

/** Nodes that reach each other; ids are names, padded to be sound at both ends. */
export class DeskedNodes {
  readonly #nodes = new Map<string, DeskedNode & { readonly name: string }>()

  add({ name, clock, offer, relations = {} }: DeskedInit): DeskedNode {
    const id = `peer-${name}`
    const told: string[] = []
    const done: string[] = []
    const desk = new PairingDesk(
      {
        clock,
        log: silentLogger,
        tell: (line) => told.push(line),
        peers: () =>
          [...this.#nodes.values()]
            .filter((other) => other.id !== id)
            .map((other) => ({ id: other.id, name: other.name, relation: relations[other.id] ?? 'stranger' })),
        open: async (peer) => {
          const [mine, theirs] = await streamPair()
          const other = this.#nodes.get(peer)
          if (other === undefined) throw new Error('no such node')
          void other.desk.asked(new PairLine(theirs, { clock }), id)
          return new PairLine(mine, { clock })
        },
        offer: (kind) => ({ kind, name, federationLabel: `home of ${name}`, company: 0, stays: false, ...offer }),
        handsFor: (peer) => ({
          give: async () => {
            done.push(`gave the key to ${peer}`)
            return new TextEncoder().encode(`key of ${name}`)
          },
          take: async (welcome) => void done.push(`took ${new TextDecoder().decode(welcome)}`),
          befriend: async () => void done.push(`befriended ${peer}`),
          met: async () => void done.push(`met ${peer}`),
        }),
      },
      { network: 'test', self: id },
    )
    const node = { id, name, desk, told, done }
    this.#nodes.set(id, node)
    return node
  }

  async stop(): Promise<void> {
    for (const { desk } of this.#nodes.values()) await desk.stop()
  }
}

/** The pairing with that peer, once it is in that state. */
export async function pairingIn(node: DeskedNode, peer: string, state: Pairing['state']): Promise<Pairing> {
  return await eventually(`${node.id} is in ${state} with ${peer}`, () =>
    node.desk.list().find((pairing) => pairing.peer === peer && pairing.state === state),
  )
}
