/** How soon a node that is alone has its first peer, by each way in. */
import { WaysIn } from '../scenarios/ways-in.ts'
import { always, type Figure, ms } from './figure.ts'
import { during } from './proof.ts'

/** Promised of a node that was in the swarm before, whatever became of the bootstrap nodes. */
const REMEMBERED_MS = 2_000

export function waysIn(rounds: number): Promise<readonly Figure[]> {
  return during(new WaysIn(), async (ways) => {
    await ways.start()
    const remembered: number[] = []
    const bootstrap: number[] = []
    const invitation: number[] = []
    const mdns: number[] = []
    const rendezvous: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      remembered.push(await ways.byMemory())
      bootstrap.push(await ways.byBootstrap())
      invitation.push(await ways.byInvitation())
      mdns.push(await ways.byMdns())
      rendezvous.push(await ways.byRendezvous())
    }
    return [
      ms('start to a remembered peer, every bootstrap node down', remembered, always(REMEMBERED_MS)),
      ms('start to a bootstrap peer', bootstrap),
      ms('an invitation followed, until it is redeemed', invitation),
      ms('start of a daemon to a neighbour by mDNS, two namespaces', mdns),
      ms('start to a peer met in a simulated public DHT, the 3 s for other ways included', rendezvous),
    ]
  })
}
