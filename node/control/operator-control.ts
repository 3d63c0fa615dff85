/**
 * The operator's hand on the parts of a running node: one small function per act, nothing decided here that a part can
 * decide.
 */
import { join } from 'node:path'
import { label } from '../../config/schema/schema-parts.ts'
import { checkValue } from '../../core/check-value.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type ShardSpec, shardPlace } from '../../storage/shards/sharding-config.ts'
import type { UserData } from '../../storage/user-data.ts'
import type { InvitationControl } from '../api/joining/invitation-control.ts'
import type { PairingControl } from '../api/joining/pairing-control.ts'
import type { DoctorControl, NodeControl, ShardControl } from '../api/node-control.ts'
import type { WorkerRoster } from '../roster/worker-roster.ts'
import { type ConfigControlComponents, configControl } from './config-control.ts'
import type { DrainSwitch } from './drain-switch.ts'
import type { LiveConfig } from './live-config.ts'
import type { PauseKeeper } from './pause-keeper.ts'
import { type PeerControlComponents, peerControl } from './peer-control.ts'
import { poolControl, realmControl } from './realm-control.ts'
import { queryControl, type UserControlComponents, userControl } from './user-control.ts'
import { type WorkerControlComponents, workerControl } from './worker-control.ts'

export interface OperatorControlComponents
  extends WorkerControlComponents,
    UserControlComponents,
    Omit<ConfigControlComponents, 'live'> {
  readonly live: Pick<LiveConfig, 'config' | 'values' | 'reload' | 'change' | 'diff'>
  readonly roster: WorkerControlComponents['roster'] & Pick<WorkerRoster, 'seen' | 'look'>
  readonly drains: Pick<DrainSwitch, 'drain' | 'undrain'>
  readonly swarm: Omit<PeerControlComponents, 'live'>
  readonly data: Pick<UserData, 'status' | 'backup'> &
    UserControlComponents['data'] & {
      readonly shards: Pick<UserData['shards'], 'specs' | 'add' | 'drain' | 'rebalance' | 'verify' | 'acceptRepair'>
    }
  readonly pauses: Pick<PauseKeeper, 'pause' | 'resume'>
  readonly invitations: InvitationControl
  readonly doctor: DoctorControl
  readonly pairings: PairingControl
}

export interface OperatorControlInit {
  /** The node's folder for user data; relative places of shards lie below it. */
  readonly shardsFolder: string
}

/** The control of one node. */
export function operatorControl(components: OperatorControlComponents, init: OperatorControlInit): NodeControl {
  const { pauses, live, data, roster } = components
  return {
    pause: (ms) => pauses.pause(ms),
    resume: () => pauses.resume(),
    node: components.drains,
    config: configControl(components),
    workers: workerControl(components),
    engines: { list: () => roster.seen, look: () => roster.look() },
    realms: realmControl(live),
    pools: poolControl(live),
    peers: peerControl({ live, ...components.swarm }),
    shards: shardControl(components, init),
    users: userControl(components),
    queries: queryControl(components),
    invitations: components.invitations,
    doctor: components.doctor,
    pairings: components.pairings,
    backup: (directory) => data.backup(directory),
  }
}

function shardControl({ data }: OperatorControlComponents, { shardsFolder }: OperatorControlInit): ShardControl {
  return {
    status: () => data.status(),
    add: async (shard) => {
      checkValue(label, shard.name, 'name')
      assertNewPlace(shard, data.shards.specs(), join(shardsFolder, 'shards'))
      await data.shards.add(shard)
    },
    drain: (name) => data.shards.drain(name),
    rebalance: (names) => data.shards.rebalance(names),
    repair: (name) => data.shards.acceptRepair(name),
    verify: () => data.shards.verify(),
  }
}

/** A folder must not be two shards; and a place that cannot be read must not get into the plan. */
function assertNewPlace(shard: ShardSpec, specs: readonly ShardSpec[], base: string): void {
  const place = JSON.stringify(shardPlace(shard.connectionString, base))
  for (const spec of specs) {
    const taken = JSON.stringify(shardPlace(spec.connectionString, base)) === place
    if (taken === (spec.name === shard.name)) continue
    throw new RealmeshError(
      'CONFIG_INVALID',
      taken ? `the shard ${spec.name} lies there already` : `the shard ${spec.name} lies elsewhere`,
      { fix: taken ? 'give the new shard a place of its own' : 'choose another name, or leave its place out' },
    )
  }
}
