/** Engines on this machine, for the command line: what was found, and why something was left out. */
import { type Detection, detectEngines } from '../workers/detect-engines.ts'
import { engineKind, isCloudKind } from '../workers/engine-kinds.ts'
import type { RealmeshConfig } from './config/config.ts'

export type { Detection, FoundEngine, RefusedCandidate } from '../workers/detect-engines.ts'

/** Looks at the usual ports of this machine and at every engine that the configuration names; cloud services are not probed. */
export async function findEngines(config: RealmeshConfig, signal: AbortSignal): Promise<Detection> {
  const workers = config.workers.map(({ engine, url }) => ({ kind: engine, url }))
  const urls = [...workers, ...config.node.engines]
    .filter(({ kind, url }) => url.startsWith('http') && !isCloudKind(engineKind(kind)))
    .map(({ url }) => url)
  return await detectEngines({ urls }, { signal })
}
