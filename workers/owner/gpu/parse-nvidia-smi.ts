/**
 * Reads the CSV of `nvidia-smi --query-gpu`, and the list of programs that compute. Fields that a card lacks read
 * `[N/A]`.
 */
import type { GpuReading } from './gpu-reading.ts'

/** Units: MiB, per cent, degrees Celsius, watts. */
export const NVIDIA_SMI_ARGS = [
  '--query-gpu=index,name,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw',
  '--format=csv,noheader,nounits',
] as const
export const NVIDIA_SMI_PROCESS_ARGS = ['--query-compute-apps=process_name', '--format=csv,noheader'] as const

const MIB = 1024 * 1024
/** Columns behind the name. A name may hold a comma; the others may not. */
const COLUMNS_AFTER_NAME = 5

/** Lines that are not a GPU (warnings, `No devices were found`) are passed over. */
export function parseNvidiaSmi(csv: string): readonly GpuReading[] {
  return csv.split('\n').flatMap((line) => {
    const fields = line.split(',').map((field) => field.trim())
    const [index, ...rest] = fields
    if (rest.length < COLUMNS_AFTER_NAME + 1 || !/^\d+$/.test(index ?? '')) return []
    const name = rest.slice(0, -COLUMNS_AFTER_NAME).join(', ')
    const [total, used, utilization, temperature, power] = rest.slice(-COLUMNS_AFTER_NAME).map(figure)
    return [
      {
        index: Number(index),
        name,
        vendor: 'nvidia' as const,
        ...(total !== undefined && { memoryTotalBytes: total * MIB }),
        ...(used !== undefined && { memoryUsedBytes: used * MIB }),
        ...(utilization !== undefined && { utilizationPercent: utilization }),
        ...(temperature !== undefined && { temperatureC: temperature }),
        ...(power !== undefined && { powerW: power }),
      },
    ]
  })
}

/** Names of programs, without their folders. */
export function parseNvidiaProcesses(csv: string): readonly string[] {
  return csv
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('['))
    .map((path) => path.split(/[\\/]/).at(-1) ?? path)
}

function figure(field: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(field) ? Number(field) : undefined
}
