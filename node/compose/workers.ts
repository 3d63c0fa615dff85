/** The room of the workers: the pool, the roster that fills it, and the owner's pause over all of them. */

import { toRealmeshError } from '../../core/realmesh-error.ts'
import { boundedStart, type Startable } from '../../core/run/startable.ts'
import { systemGpuReader } from '../../workers/owner/gpu/read-gpus.ts'
import { WorkerPool } from '../../workers/pool/worker-pool.ts'
import { PauseKeeper } from '../control/pause-keeper.ts'
import { WorkerRoster } from '../roster/worker-roster.ts'
import type { NodeBasics } from './basics.ts'

/** How long the start waits for the first look at the engines: they answer in milliseconds or are not there. */
const ENGINES_WAIT_MS = 700

export interface WorkerRoom {
  readonly pool: WorkerPool
  readonly roster: WorkerRoster
  readonly pauses: PauseKeeper
  /** Whether this node is meant to compute: whether it has more than the built-ins. */
  readonly hasEngines: () => boolean
  /** In the order of their start. */
  readonly parts: readonly Startable[]
}

export function composeWorkers({ config, home, clock, log, engines }: NodeBasics): WorkerRoom {
  const pool = new WorkerPool({ clock, log, gpu: systemGpuReader() })
  const roster = new WorkerRoster({ pool, clock, log, ...engines }, config())
  const pauses = new PauseKeeper({ pool, clock, log }, { file: home.pauseFile })
  const onFailure = (thrown: unknown): void => {
    const { code, message, fix } = toRealmeshError(thrown)
    log.error({ code, fix }, `engines: ${message}`)
  }
  return {
    pool,
    roster,
    pauses,
    hasEngines: () => pool.list().some((worker) => worker.real),
    parts: [pauses, boundedStart(roster, { clock, ms: ENGINES_WAIT_MS, onFailure })],
  }
}
