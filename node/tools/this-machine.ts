/**
 * What this machine has, for commands that run without a daemon: its engines, and why something was left out, and its
 * GPUs.
 */

import type { RealmeshConfig } from '../../config/config.ts'
import { isCloudKind } from '../../core/model/engine-kind.ts'
import { type Detection, detectEngines } from '../../engines/detect-engines.ts'
import type { GpuReading } from '../../workers/owner/gpu/gpu-reading.ts'
import { systemGpuReader } from '../../workers/owner/gpu/read-gpus.ts'

export type { Detection, FoundEngine, RefusedCandidate } from '../../engines/detect-engines.ts'
export { serverAddress } from '../../engines/engine-identity.ts'
export type { GpuReading } from '../../workers/owner/gpu/gpu-reading.ts'

/**
 * Looks at the usual ports of this machine and at every engine that the configuration names; cloud services are not
 * probed.
 */
export async function findEngines(config: RealmeshConfig, signal: AbortSignal): Promise<Detection> {
  const workers = config.workers.map(({ engine, url }) => ({ kind: engine, url }))
  const urls = [...workers, ...config.node.engines]
    .filter(({ kind, url }) => url.startsWith('http') && !isCloudKind(kind))
    .map(({ url }) => url)
  return await detectEngines({ urls }, { signal })
}

/** Asks nvidia-smi, amd-smi or rocm-smi, or macOS; none is normal. */
export async function findGpus(): Promise<readonly GpuReading[]> {
  return await systemGpuReader().read()
}
