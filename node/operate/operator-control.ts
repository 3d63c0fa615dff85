/**
 * The operator's hand on the parts of a running node: one small function per act, nothing decided here that a part can
 * decide.
 */
import { join } from 'node:path'
import type { ConfigFile } from '../../config/schema/file-schema.ts'
import { realmSchema } from '../../config/schema/realm-schema.ts'
import { label, realmName } from '../../config/schema/schema-parts.ts'
import { type WorkerFile, workerSchema } from '../../config/schema/worker-schema.ts'
import { checkValue } from '../../core/check-value.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type ShardSpec, shardPlace } from '../../storage/shards/sharding-config.ts'
import type { UserData } from '../../storage/user-data.ts'
import type { InvitationControl } from '../api/invitation-control.ts'
import type { NodeControl, RealmControl, ShardControl, WorkerControl } from '../api/node-control.ts'
import type { WorkerRoster } from '../roster/worker-roster.ts'
import type { LiveConfig } from './live-config.ts'
import type { PauseKeeper } from './pause-keeper.ts'
import { queryControl, type UserControlComponents, userControl } from './user-control.ts'
import { type WorkerStatusComponents, workerStatuses } from './worker-statuses.ts'

export interface OperatorControlComponents extends WorkerStatusComponents, UserControlComponents {
  readonly live: Pick<LiveConfig, 'config' | 'reload' | 'change'>
  readonly roster: Pick<WorkerRoster, 'status' | 'assertKnown' | 'drain' | 'undrain' | 'remove' | 'keepOut'>
  readonly data: Pick<UserData, 'status' | 'backup'> &
    UserControlComponents['data'] & {
      readonly shards: Pick<UserData['shards'], 'specs' | 'add' | 'drain' | 'rebalance' | 'verify' | 'acceptRepair'>
    }
  readonly pauses: Pick<PauseKeeper, 'pause' | 'resume'>
  readonly invitations: InvitationControl
}

export interface OperatorControlInit {
  /** The node's folder for user data; relative places of shards lie below it. */
  readonly shardsFolder: string
}

/** The control of one node. */
export function operatorControl(components: OperatorControlComponents, init: OperatorControlInit): NodeControl {
  const { pauses, live, data } = components
  return {
    pause: (ms) => pauses.pause(ms),
    resume: () => pauses.resume(),
    reload: () => live.reload(),
    workers: workerControl(components),
    realms: realmControl(components),
    shards: shardControl(components, init),
    users: userControl(components),
    queries: queryControl(components),
    invitations: components.invitations,
    backup: (directory) => data.backup(directory),
  }
}

function workerControl({ live, roster, realms }: OperatorControlComponents): WorkerControl {
  const isConfigured = (values: ConfigFile, name: string): boolean => values.workers.some((one) => one.name === name)
  return {
    list: () => workerStatuses({ roster, realms }),
    add: async (value) => {
      const worker = checkValue(workerSchema, value, 'worker')
      await live.change((values) => {
        if (isConfigured(values, worker.name) || roster.status().some(({ name }) => name === worker.name)) {
          throw new RealmeshError('CONFIG_INVALID', `there is a worker named ${worker.name} already`, {
            fix: 'change that one, or choose another name',
          })
        }
        return { workers: [...values.workers, worker] }
      })
    },
    change: async (value) => {
      const worker = checkValue(workerSchema, value, 'worker')
      await live.change((values) => {
        if (!isConfigured(values, worker.name)) roster.assertKnown(worker.name)
        return { workers: withWorker(values.workers, worker) }
      })
    },
    drain: (name) => roster.drain(name),
    undrain: (name) => roster.undrain(name),
    remove: async (name) => {
      if (!live.config.workers.some((worker) => worker.name === name)) return await roster.remove(name)
      const letIn = roster.keepOut(name)
      try {
        await live.change((values) => ({ workers: values.workers.filter((worker) => worker.name !== name) }))
      } catch (error) {
        letIn()
        throw error
      }
    },
  }
}

function withWorker(workers: readonly WorkerFile[], worker: WorkerFile): WorkerFile[] {
  const index = workers.findIndex(({ name }) => name === worker.name)
  return index < 0 ? [...workers, worker] : workers.with(index, worker)
}

function realmControl({ live }: OperatorControlComponents): RealmControl {
  return {
    set: async (name, value) => {
      checkValue(realmName, name, 'name')
      const realm = checkValue(realmSchema, value, 'realm')
      await live.change((values) => ({ realms: { ...values.realms, [name]: realm } }))
    },
    remove: (name) =>
      live.change((values) => {
        const { [name]: gone, ...realms } = values.realms
        if (gone !== undefined) return { realms }
        throw new RealmeshError('REALM_NOT_FOUND', `there is no realm ${name}`, {
          fix: `the realms are ${Object.keys(realms).join(', ')}`,
        })
      }),
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
