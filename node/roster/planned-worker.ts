/** A worker that is to be made: what its engine is, and what its owner says about it. */
import type { EngineIdentity } from '../../engines/engine-identity.ts'
import type { EngineSpec } from '../../engines/engine-kinds.ts'
import type { WorkerSettings } from '../../workers/owner/worker-settings.ts'

export interface PlannedWorker {
  readonly settings: WorkerSettings
  /** What its adapter is made from, the key included. */
  readonly spec: EngineSpec
  readonly identity: EngineIdentity
}
