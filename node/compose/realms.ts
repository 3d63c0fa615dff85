/** The room of the realms: which there are, running queries in them, and what of them is offered to other nodes. */
import type { Startable } from '../../core/run/startable.ts'
import { realmMaker } from '../realm/make-realm.ts'
import { RealmRegistry } from '../realm/realm-registry.ts'
import { type RunHere, runHere } from '../realm/run-here.ts'
import { type SwarmOffer, swarmOffer } from '../serve/swarm-offer.ts'
import type { NodeBasics } from './basics.ts'
import type { WorkerRoom } from './workers.ts'

export interface RealmRoom {
  readonly realms: RealmRegistry
  readonly local: RunHere
  readonly offer: SwarmOffer
  /** Takes nothing new into any realm; what was accepted is finished. */
  readonly drain: () => void
  /** In the order of their start. */
  readonly parts: readonly Startable[]
}

export function composeRealms({ config, keys, clock }: NodeBasics, { pool }: WorkerRoom): RealmRoom {
  const realms = new RealmRegistry(realmMaker({ pool, clock }, { node: keys.peerId }), config().realms)
  const each = (act: 'drain' | 'close'): void => {
    for (const { processor } of realms.list()) processor[act]()
  }
  return {
    realms,
    local: runHere(realms, () => clock.monotonic()),
    offer: swarmOffer(realms, pool, () => config().node.share),
    drain: () => each('drain'),
    // What still waits in the realms ends before their workers go.
    parts: [{ start: async () => {}, stop: async () => each('close') }],
  }
}
