/**
 * The room of what the node tells of itself: its description for people and programs, and what its operator would not
 * notice.
 */
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import type { Membership } from '../invite/membership.ts'
import { HomeWatch } from '../operate/home-watch.ts'
import { HonestyWatch } from '../operate/honesty-watch.ts'
import { type NodeDescription, nodeDescription } from '../operate/node-description.ts'
import { keptSamples } from '../registry/kept-samples.ts'
import { Registry } from '../registry/registry.ts'
import { seenNodes } from '../registry/seen-nodes.ts'
import type { NodeBasics } from './basics.ts'
import type { RealmRoom } from './realms.ts'
import type { RoutingRoom } from './routing.ts'
import type { SwarmRoom } from './swarm.ts'
import type { UserRoom } from './user-data.ts'
import type { WorkerRoom } from './workers.ts'

export interface TellingRoom {
  /** Started last, stopped first. */
  readonly watch: HomeWatch
  readonly describe: NodeDescription
  /** What is told of the swarm in public. */
  readonly registry: Registry
  readonly figures: () => Promise<string>
  /** To be called with each own query that ended. */
  readonly onEnded: (receipt: RouteReceipt) => void
}

export interface TellingRoomComponents {
  readonly membership: Membership
  readonly users: UserRoom
  readonly workers: WorkerRoom
  readonly realms: RealmRoom
  readonly swarm: SwarmRoom
  readonly routing: RoutingRoom
  /** Hosts of other federations. */
  readonly hosts: { warnings(): readonly string[] }
}

export function composeTelling(
  { config, home, keys, clock, log, version }: NodeBasics,
  { membership, users, workers, realms, swarm, routing, hosts }: TellingRoomComponents,
): TellingRoom {
  const { peerId } = keys
  const { network } = config().node
  const honesty = new HonestyWatch({ clock, log, isReached: () => isReached(swarm.reach()) }, { self: peerId })
  const watch = new HomeWatch({ clock, log }, home)
  const means = (): readonly [hasEngines: boolean, degradedAfterMs: number] => [
    workers.hasEngines(),
    config().node.degradedAfterMs,
  ]
  const describe = nodeDescription(
    {
      roster: workers.roster,
      realms: realms.realms,
      peers: swarm.peers,
      view: swarm.view,
      clock,
      addresses: swarm.addresses,
      reach: swarm.reach,
      denied: swarm.denied,
      warnings: () => [
        ...honesty.warnings(...means()),
        ...watch.warnings(),
        ...users.data.status().warnings,
        ...users.accounting.warnings(),
        ...hosts.warnings(),
        ...swarm.linkWarnings(),
      ],
      peerTroubles: () => swarm.discovery.warnings(),
      waysIn: () => swarm.discovery.ways.status(),
      pausedMs: () => workers.pool.pausedMs,
      degraded: () => honesty.degraded(...means()),
      traffic: swarm.traffic,
      routing: () => routing.counters,
      hedges: () => routing.hedges.counts,
      scopes: () => config().node,
      name: () => config().node.name,
      federation: () => ({ id: membership.id, label: membership.label }),
      peerNames: () => config().node.peerNames,
    },
    { peerId, version, network },
  )
  const registry = new Registry(
    {
      clock,
      log,
      seen: () => seenNodes({ ...swarm, membership, clock }),
      shows: () => config().node.registry.show,
      load: () =>
        readJsonFile(home.registryFile, keptSamples, () => log.warn({}, 'the history of the swarm begins anew')),
      save: (samples) => writeJsonFile(home.registryFile, samples),
    },
    { network },
  )
  return { watch, registry, describe, figures: swarm.figures, onEnded: (receipt) => honesty.ended(receipt, ...means()) }
}

/** A node that nobody can dial is reached through its relays. */
function isReached({ dialable, relays }: ReturnType<SwarmRoom['reach']>): boolean {
  return dialable !== 'no' || relays.length > 0
}
