/** The room of pairing: nodes that become one home, or friends, by the digits that both of their owners see. */
import { defined } from '../../core/defined.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { PeerTable } from '../../discovery/peers/peer-table.ts'
import { decodeWelcome, encodeWelcome } from '../../protocols/invite/welcome.ts'
import type { PairHands } from '../../protocols/pair/converse.ts'
import { openPairLine, PairServer } from '../../protocols/pair/server.ts'
import type { PairingControl } from '../api/joining/pairing-control.ts'
import { movedIn } from '../invite/following.ts'
import { welcomed } from '../invite/welcoming.ts'
import { type MetPeer, NeighbourNews } from '../pair/neighbour-news.ts'
import { PairingDesk } from '../pair/pairing-desk.ts'
import type { NodeBasics } from './basics.ts'
import type { InvitationRoom } from './invitations.ts'
import type { SwarmRoom } from './swarm.ts'

export interface PairingRoom {
  readonly control: PairingControl
  /** In the order of their start; libp2p must run. */
  readonly parts: readonly Startable[]
}

export interface PairingRoomComponents {
  readonly swarm: SwarmRoom
  readonly invitations: Pick<InvitationRoom, 'welcoming' | 'moveInto'>
}

export function composePairings(
  { config, clock, log, tell, keys }: NodeBasics,
  { swarm, invitations: { welcoming, moveInto } }: PairingRoomComponents,
): PairingRoom {
  const { network } = config().node
  const { membership } = welcoming
  const met = (): readonly MetPeer[] => metPeers(swarm.peers, config().node.peerNames)
  const company = (): number => [...swarm.peers.entries()].filter(({ standing }) => standing.relation === 'home').length
  const handsFor = (peer: string): Omit<PairHands, 'compare'> => ({
    give: async () => encodeWelcome(await welcomed('home', peer, welcoming)),
    take: async (bytes) => {
      const welcome = decodeWelcome(bytes, 'home')
      if (welcome.kind === 'home') await movedIn(welcome, { membership, moveInto })
    },
    befriend: async () => void (await welcomed('friend', peer, welcoming)),
    met: async () => void (await welcoming.lookAt(peer)),
  })
  const desk = new PairingDesk(
    {
      ...{ clock, log, tell, handsFor },
      peers: met,
      open: async (peer, signal) => await openPairLine(await swarm.meet(peer, [], signal), network, { clock, signal }),
      offer: (kind) => ({
        kind,
        name: config().node.name,
        federationLabel: membership.label,
        company: company(),
        stays: config().node.federationKey !== undefined,
      }),
    },
    { network, self: keys.peerId },
  )
  const server = new PairServer(
    { libp2p: swarm.libp2p, clock, onLine: (line, peer) => void desk.asked(line, peer) },
    { network },
  )
  const news = new NeighbourNews({ clock, tell, peers: met })
  swarm.onNeighbour((peer) => news.announced(peer))
  swarm.peers.onChange(({ kind, id }) => {
    if (kind === 'card' || kind === 'relation') news.look(id)
  })
  return { control: desk, parts: [desk, server] }
}

/** Those that are connected and have said what they are. */
function metPeers(table: PeerTable, names: Readonly<Record<string, string>>): readonly MetPeer[] {
  return [...table.entries()].flatMap(({ id, connected, card, standing }) =>
    connected && card !== undefined
      ? [{ id, name: card.name ?? '', relation: standing.relation, ...defined({ called: names[id] }) }]
      : [],
  )
}
