/** A worker that the node should have and does not, with the reason: people look for it where the workers are. */
import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import { engineAddress } from '../../engines/engine-identity.ts'
import { shownAddress } from '../../engines/http/engine-access.ts'

export interface AbsentWorker {
  readonly name: string
  readonly engine: EngineKind
  readonly url: string
  /** As in EngineIdentity. */
  readonly address: string
  /** One line, with what helps. */
  readonly reason: string
}

/** Which engine a worker is about. */
export interface EngineRef {
  readonly kind: EngineKind
  readonly url: string
}

export function absentWorker(name: string, { kind, url }: EngineRef, reason: string): AbsentWorker {
  return { name, engine: kind, url: shownAddress(url), address: engineAddress(kind, url), reason }
}

/** One that failed with `thrown`. */
export function unusableWorker(name: string, engine: EngineRef, thrown: unknown): AbsentWorker {
  const { message, fix } = toRealmeshError(thrown, 'CONFIG_INVALID')
  return absentWorker(name, engine, fix === undefined ? message : `${message}: ${fix}`)
}

export function absentStatus({ name, engine, url, reason }: AbsentWorker): WorkerStatus {
  const idle = { healthy: false, health: 0, slots: 0, running: 0, models: [], decodeRate: 0 }
  return { name, engine, url, ...idle, reason }
}
