/** The room of what is told of the swarm in public. */

import { believedLoad } from '../../discovery/peers/peer-entry.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import type { Membership } from '../invite/membership.ts'
import { keptSamples } from '../registry/kept-samples.ts'
import { Registry } from '../registry/registry.ts'
import type { SeenNode } from '../registry/swarm-sums.ts'
import type { NodeBasics } from './basics.ts'
import type { SwarmRoom } from './swarm.ts'

/** A node that was heard of within two looks counts as alive. */
const ALIVE_MS = 10 * 60_000

export interface RegistryRoomComponents {
  readonly membership: Membership
  readonly swarm: Pick<SwarmRoom, 'peers' | 'cardFacts'>
}

export function composeRegistry(
  { config, home, clock, log }: Pick<NodeBasics, 'config' | 'home' | 'clock' | 'log'>,
  { membership, swarm }: RegistryRoomComponents,
): Registry {
  const seen = (): readonly SeenNode[] => {
    const now = clock.monotonic()
    const others = [...swarm.peers.entries()].flatMap((entry): readonly SeenNode[] => {
      const { card, connected, heardAt } = entry
      const running = believedLoad(entry, now)?.total?.running ?? 0
      return card === undefined ? [] : [{ card, alive: connected || now - heardAt < ALIVE_MS, running }]
    })
    const federation = { publicKey: membership.id, label: membership.label }
    return [{ card: { ...swarm.cardFacts(), federation }, alive: true, running: 0 }, ...others]
  }
  return new Registry(
    {
      clock,
      log,
      seen,
      shows: () => config().node.registry.show,
      load: () =>
        readJsonFile(home.registryFile, keptSamples, (error) =>
          log.warn({ error: String(error) }, 'the history of the swarm cannot be read; it begins anew'),
        ),
      save: (samples) => writeJsonFile(home.registryFile, samples),
    },
    { network: config().node.network },
  )
}
