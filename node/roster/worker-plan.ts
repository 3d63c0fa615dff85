/**
 * A worker before it runs: an engine as the owner names it, or as it was found, with its key read and its identity
 * known.
 */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { RealmeshConfig } from '../../config/config.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import { BUILTIN_KINDS, ENGINE_KINDS, isCloudKind } from '../../core/model/engine-kind.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Scope } from '../../core/scope.ts'
import { engineIdentity, isThisMachine, modelFile } from '../../engines/engine-identity.ts'
import type { EngineSpec } from '../../engines/engine-kinds.ts'
import { readPrivateFile } from '../../home/private-file.ts'
import { type AbsentWorker, type EngineRef, unusableWorker } from './absent-worker.ts'
import { planHost, planSimulatedHost } from './host-plan.ts'
import type { PlannedWorker } from './planned-worker.ts'

/** Variables of the environment that hold keys. */
export type KeyVariables = Readonly<Record<string, string | undefined>>

/** A worker that the owner names. Throws `CONFIG_INVALID`, `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function planWorker(worker: WorkerConfig, env: KeyVariables = process.env): Promise<PlannedWorker> {
  const { engine: kind, url } = worker
  const apiKey = await keyOf(worker, env)
  const spec = { kind, url, ...(apiKey === undefined ? {} : { apiKey }) }
  const scope: Scope | undefined = worker.scope ?? (isCloudKind(kind) || apiKey !== undefined ? 'local' : undefined)
  return {
    spec,
    identity: engineIdentity(spec, await weightsOf(spec)),
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

/** A worker for an engine of which only the address is known: of `node.engines`, found, or brought along. */
export async function planEngine({ kind, url }: EngineRef): Promise<PlannedWorker> {
  const spec = { kind, url }
  const identity = engineIdentity(spec, await weightsOf(spec))
  return { spec, identity, settings: { name: workerName(spec) } }
}

/** What a configuration names: the workers that can be had, and those that cannot. */
export interface ConfiguredWorkers {
  readonly named: readonly PlannedWorker[]
  readonly addressed: readonly PlannedWorker[]
  readonly builtin: readonly PlannedWorker[]
  readonly unusable: readonly AbsentWorker[]
}

/** Never throws: a worker that cannot be planned keeps no other from being used. */
export async function planConfigured({ workers, hosts, discovery, node }: RealmeshConfig): Promise<ConfiguredWorkers> {
  const unusable: AbsentWorker[] = []
  const named = workers.map(async (worker) => {
    try {
      return [await planWorker(worker)]
    } catch (thrown) {
      unusable.push(unusableWorker(worker.name, { kind: worker.engine, url: worker.url }, thrown))
      return []
    }
  })
  const asked = hosts.filter((host) => host.asked)
  const others = asked.map(async (host) => {
    try {
      return [await planHost(host)]
    } catch (thrown) {
      unusable.push(unusableWorker(host.name, { kind: 'rentahal-host', url: host.url }, thrown))
      return []
    }
  })
  const simulated = discovery.mockFederation ? [planSimulatedHost()] : []
  return {
    named: [...(await Promise.all([...named, ...others])).flat(), ...simulated],
    addressed: await Promise.all(node.engines.map(planEngine)),
    builtin: await Promise.all((node.builtin ? BUILTIN_KINDS : []).map((kind) => planEngine({ kind, url: '' }))),
    unusable,
  }
}

/** Whether the owner wants the engine used less than it would be if the node had found it by itself. */
export function limitsUse(worker: WorkerConfig): boolean {
  const { slots, schedule, scope, maxTemperature, minVramFree } = worker
  const limits = [slots, schedule, scope, maxTemperature, minVramFree]
  return (
    worker.idleOnly ||
    worker.models.length > 0 ||
    worker.realms.length > 0 ||
    limits.some((limit) => limit !== undefined)
  )
}

/** A worker's name for an engine that nobody named: the kind and where it is. */
function workerName({ kind, url }: EngineRef): string {
  if (!URL.canParse(url)) return kind
  const { hostname, port, protocol, pathname } = new URL(url)
  if (protocol === 'file:') return `${kind}-${basename(pathname, '.gguf')}`
  const where = isThisMachine(hostname) ? port : `${hostname}:${port}`
  return where === '' ? kind : `${kind}-${where}`
}

/** Size and time of the last change of an engine's model file: what tells it from the one that lay there before. */
async function weightsOf({ kind, url }: EngineSpec): Promise<string | undefined> {
  const path = ENGINE_KINDS[kind] === 'file' ? modelFile(url) : undefined
  if (path === undefined) return undefined
  try {
    const { size, mtimeMs } = await stat(path)
    return `${size} bytes of ${mtimeMs}`
  } catch {
    return undefined // that there is none is told by the engine when it is looked at
  }
}

/** Keys of engines are some hundred bytes, signed tokens a few thousand. */
const MAX_KEY_FILE_BYTES = 16_384

/** The engine's key, from where the owner keeps it; never from realms.yml itself. */
async function keyOf({ keyEnv, keyFile }: WorkerConfig, env: KeyVariables): Promise<string | undefined> {
  if (keyEnv !== undefined) {
    const key = env[keyEnv]
    if (key !== undefined && key !== '') return key
    throw new RealmeshError('CONFIG_INVALID', `the environment variable ${keyEnv} is not set`, {
      fix: 'set it where the node is started, or name a key_file',
    })
  }
  if (keyFile === undefined) return undefined
  const unusable = (): RealmeshError => noKeyIn(keyFile)
  const bytes = await readPrivateFile(keyFile, { what: 'key file', maxBytes: MAX_KEY_FILE_BYTES, unusable })
  if (bytes === undefined) throw noKeyIn(keyFile)
  return bytes.toString('utf8').trim()
}

function noKeyIn(keyFile: string): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `there is no key in ${keyFile}`, {
    fix: 'write the key there, with mode 600, or correct key_file',
  })
}
