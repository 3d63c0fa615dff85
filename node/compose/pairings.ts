/** The room of pairing: nodes that become one home, or friends, by the digits that both of their owners see. */
import type { Startable } from '../../core/run/startable.ts'
import { decodeWelcome, encodeWelcome } from '../../protocols/invite/welcome.ts'
import type { PairHands } from '../../protocols/pair/converse.ts'
import { openPairLine, PairServer } from '../../protocols/pair/server.ts'
import type { PairingControl } from '../api/joining/pairing-control.ts'
import { movedIn } from '../invite/following.ts'
import { welcomed } from '../invite/welcoming.ts'
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
  const names = (): Readonly<Record<string, string>> => config().node.peerNames
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
      peers: () =>
        swarm.peers
          .peers()
          .filter(({ connected }) => connected)
          .map(({ id, name, relation }) => ({ id, name, relation, ...called(names()[id]) })),
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
  return { control: desk, parts: [desk, server] }
}

function called(name: string | undefined): { readonly called?: string } {
  return name === undefined ? {} : { called: name }
}
