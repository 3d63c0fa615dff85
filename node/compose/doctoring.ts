/** The room of the doctor: what it reads of the other rooms. */

import { systemGpuReader } from '../../workers/owner/gpu/read-gpus.ts'
import type { DoctorControl } from '../api/node-control.ts'
import { type ConfiguredFile, configControl } from '../control/config-control.ts'
import type { LiveConfig } from '../control/live-config.ts'
import { Doctor } from '../doctor/doctor.ts'
import { workerStatuses } from '../operate/worker-statuses.ts'
import type { NodeBasics } from './basics.ts'
import type { RealmRoom } from './realms.ts'
import type { SwarmRoom } from './swarm.ts'
import type { UserRoom } from './user-data.ts'
import type { WorkerRoom } from './workers.ts'

export interface DoctorRoomComponents {
  readonly live: LiveConfig
  /** The file behind the node. @default none */
  readonly file: ConfiguredFile | undefined
  readonly users: UserRoom
  readonly workers: WorkerRoom
  readonly realms: RealmRoom
  readonly swarm: SwarmRoom
}

export function composeDoctor(
  { home, clock, config }: NodeBasics,
  { live, file, users, workers, realms, swarm }: DoctorRoomComponents,
): DoctorControl {
  const { diff } = configControl({ live, file, clock })
  return new Doctor({
    home,
    clock,
    config,
    readings: swarm.readings,
    peers: swarm.peers,
    view: swarm.view,
    denied: swarm.denied,
    names: () => config().node.peerNames,
    scope: () => config().node.scope,
    relationOf: (peer) => swarm.discovery.relationOf(peer),
    waysIn: () => swarm.discovery.ways.status(),
    ask: (peer) => swarm.client.run(peer),
    node: {
      workers: () => workerStatuses({ roster: workers.roster, realms: realms.realms }),
      seen: () => workers.roster.seen,
      gpus: () => systemGpuReader().read(),
      ...(file !== undefined && { configChanges: diff }),
      listen: () => ({ inForce: config().node.listen, written: live.values.node.listen }),
      serving: () => ({ share: config().node.share, pausedMs: workers.pool.pausedMs, draining: swarm.drains.on }),
      storageWarnings: () => [...users.data.status().warnings, ...users.accounting.warnings()],
    },
  })
}
