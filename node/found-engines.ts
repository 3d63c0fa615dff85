/** Engines on this machine, for the command line: what was found, and why something was left out. */
import { type Detection, detectEngines } from '../workers/detect-engines.ts'
import type { RealmeshConfig } from './config/config.ts'

export type { Detection, FoundEngine, RefusedCandidate } from '../workers/detect-engines.ts'

/** Looks at the usual ports of this machine and at every engine that the configuration names. */
export async function findEngines(config: RealmeshConfig, signal: AbortSignal): Promise<Detection> {
  const named = [...config.workers, ...config.node.engines].map((engine) => engine.url)
  return await detectEngines({ urls: named.filter((url) => url !== '') }, { signal })
}
