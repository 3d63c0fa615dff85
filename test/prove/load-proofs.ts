/** Many at once: hostile peers, streams, sockets. */
import { HalSockets } from '../scenarios/hal-sockets.ts'
import { HostilePeers } from '../scenarios/hostile-peers.ts'
import { MixedStreams } from '../scenarios/mixed-streams.ts'
import { HAL_SOCKETS, halSockets } from './hal-sockets.ts'
import { hostile, hostileKinds } from './hostile.ts'
import { mixed } from './mixed.ts'
import { during, type Proof } from './proof.ts'

export const LOAD_PROOFS: readonly Proof[] = [
  {
    name: 'hostile-peers',
    rounds: 6,
    run: (rounds) =>
      during(new HostilePeers(), async (peers) => {
        await peers.start({ watched: true })
        return await hostile(peers, rounds)
      }),
  },
  {
    name: 'hostile-kinds',
    rounds: 3,
    run: (rounds) =>
      during(new HostilePeers(), async (peers) => {
        await peers.start({ watched: true })
        return await hostileKinds(peers, rounds)
      }),
  },
  {
    name: 'mixed-streams',
    rounds: 3,
    run: (rounds) =>
      during(new MixedStreams(), async (streams) => {
        await streams.start({ watched: true })
        return await mixed(streams, rounds)
      }),
  },
  {
    name: 'rentahal-sockets',
    rounds: 10,
    run: (rounds) =>
      during(new HalSockets(), async (sockets) => {
        await sockets.start(HAL_SOCKETS, { watched: true })
        return await halSockets(sockets, rounds)
      }),
  },
]
