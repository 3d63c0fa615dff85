/** GPUs of this machine, for the command line. */
import type { GpuReading } from '../../workers/owner/gpu/gpu-reading.ts'
import { systemGpuReader } from '../../workers/owner/gpu/read-gpus.ts'

export type { GpuReading } from '../../workers/owner/gpu/gpu-reading.ts'

/** Asks nvidia-smi, amd-smi or rocm-smi, or macOS; none is normal. */
export async function findGpus(): Promise<readonly GpuReading[]> {
  return await systemGpuReader().read()
}
