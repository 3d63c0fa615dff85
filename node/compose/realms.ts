/** The room of the realms: which there are, running queries in them, and what of them is offered to other nodes. */
import type { Startable } from '../../core/run/startable.ts'
import { RealmRegistry } from '../realm/realm-registry.ts'
import { type SwarmOffer, swarmOffer } from '../serve/swarm-offer.ts'
import type { NodeBasics } from './basics.ts'
import type { WorkerRoom } from './workers.ts'

export interface RealmRoom {
  readonly realms: RealmRegistry
  readonly offer: SwarmOffer
  /** In the order of their start. */
  readonly parts: readonly Startable[]
}

export function composeRealms({ config, keys, clock }: NodeBasics, { pool }: WorkerRoom): RealmRoom {
  const realms = new RealmRegistry({ pool, clock }, { node: keys.peerId, realms: config().realms })
  return {
    realms,
    offer: swarmOffer(realms, pool, () => config().node.share),
    // What still waits in the realms ends before their workers go.
    parts: [{ start: async () => {}, stop: async () => realms.close() }],
  }
}
