/** Which workers the node begins with, from its configuration: each named worker, each engine of the command line, and the built-ins. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { EngineAddress } from '../../config/schema/addresses.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import { isCloudKind } from '../../core/model/engine-kind.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Scope } from '../../core/scope.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import type { WorkerSettings } from '../../workers/owner/worker-settings.ts'

/** An engine and how the owner wants it used. */
export interface PlannedWorker {
  readonly engine: Engine
  readonly settings: WorkerSettings
}

/** Workers for engines that are named by address only. Throws `CONFIG_INVALID` for an address that is none. */
export function addressedWorkers(engines: readonly EngineAddress[]): readonly PlannedWorker[] {
  return engines.map(({ kind, url }) => ({
    engine: createEngine({ kind, url }),
    settings: { name: workerName(kind, url) },
  }))
}

/** A worker's name for an engine that nobody named: the kind and where it is. */
export function workerName(kind: string, url: string): string {
  const { hostname, port, protocol, pathname } = new URL(url)
  if (protocol === 'file:') return `${kind}-${basename(pathname, '.gguf')}`
  const where = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) ? port : `${hostname}:${port}`
  return where === '' ? kind : `${kind}-${where}`
}

/** A configured worker. Throws `CONFIG_INVALID`, `KEY_FILE_LAX` or `KEY_FILE_BAD` with the worker's name. */
export async function plannedWorker(worker: WorkerConfig): Promise<PlannedWorker> {
  const kind = worker.engine
  const apiKey = await keyOf(worker)
  const scope: Scope | undefined = worker.scope ?? (isCloudKind(kind) || apiKey !== undefined ? 'local' : undefined)
  return {
    engine: createEngine({ kind, url: worker.url, ...(apiKey === undefined ? {} : { apiKey }) }),
    settings: {
      name: worker.name,
      slots: worker.slots,
      weight: worker.weight,
      models: worker.models.length === 0 ? undefined : { allow: worker.models },
      realms: worker.realms.length === 0 ? undefined : worker.realms,
      pool: worker.pool,
      scope,
      schedule: worker.schedule,
      idleOnly: worker.idleOnly,
      minVramFreeBytes: worker.minVramFree,
      maxTemperatureC: worker.maxTemperature,
    },
  }
}

/** The engine's key, from where the owner keeps it; never from realms.yml itself. */
async function keyOf({ name, keyEnv, keyFile }: WorkerConfig): Promise<string | undefined> {
  if (keyEnv !== undefined) {
    const key = process.env[keyEnv]
    if (key !== undefined && key !== '') return key
    throw new RealmeshError('CONFIG_INVALID', `worker ${name}: the environment variable ${keyEnv} is not set`)
  }
  if (keyFile === undefined) return undefined
  try {
    const { mode } = await stat(keyFile)
    if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
      throw new RealmeshError('KEY_FILE_LAX', `worker ${name}: others may read the key file ${keyFile}`, {
        fix: `chmod 600 ${keyFile}`,
      })
    }
    return (await readFile(keyFile, 'utf8')).trim()
  } catch (thrown) {
    if (thrown instanceof RealmeshError) throw thrown
    throw new RealmeshError('KEY_FILE_BAD', `worker ${name}: cannot read the key file ${keyFile}`, { cause: thrown })
  }
}
