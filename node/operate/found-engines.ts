/** Engines on this machine, for the command line: what was found, and why something was left out. */

import type { RealmeshConfig } from '../../config/config.ts'
import { type Detection, detectEngines } from '../../engines/detect-engines.ts'
import { engineKind, isCloudKind } from '../../engines/engine-kinds.ts'

export type { Detection, FoundEngine, RefusedCandidate } from '../../engines/detect-engines.ts'

/** Looks at the usual ports of this machine and at every engine that the configuration names; cloud services are not probed. */
export async function findEngines(config: RealmeshConfig, signal: AbortSignal): Promise<Detection> {
  const workers = config.workers.map(({ engine, url }) => ({ kind: engine, url }))
  const urls = [...workers, ...config.node.engines]
    .filter(({ kind, url }) => url.startsWith('http') && !isCloudKind(engineKind(kind)))
    .map(({ url }) => url)
  return await detectEngines({ urls }, { signal })
}
