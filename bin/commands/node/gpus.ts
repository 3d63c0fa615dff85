/** `realmesh gpus`: what the machine's own tools say about its GPUs. */
import { findGpus, type GpuReading } from '../../../node/tools/this-machine.ts'
import type { RunCommand } from '../../cli/command.ts'
import { printResult } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'

const GIB = 2 ** 30

export const run: RunCommand = async (invocation) => {
  const gpus = await findGpus()
  const text =
    describe(gpus, invocation.context.columns) || 'no GPU found by nvidia-smi, amd-smi, rocm-smi or system_profiler\n'
  return printResult(invocation, { json: { gpus }, text })
}

function describe(gpus: readonly GpuReading[], width: number): string {
  return textTable(
    ['GPU', 'NAME', 'USED', 'MEMORY', 'TEMPERATURE', 'POWER', 'PROGRAMS'],
    gpus.map((gpu) => [
      String(gpu.index),
      gpu.name,
      withUnit(gpu.utilizationPercent, '%'),
      memory(gpu),
      withUnit(gpu.temperatureC, '°C'),
      withUnit(gpu.powerW, 'W'),
      gpu.processes?.join(' ') ?? '-',
    ]),
    { width, spare: ['POWER', 'TEMPERATURE'] },
  )
}

function withUnit(value: number | undefined, unit: string): string {
  return value === undefined ? '-' : `${Math.round(value)} ${unit}`
}

function memory({ memoryUsedBytes: used, memoryTotalBytes: total }: GpuReading): string {
  if (total === undefined) return '-'
  return `${used === undefined ? '?' : (used / GIB).toFixed(1)} of ${(total / GIB).toFixed(1)} GiB`
}
