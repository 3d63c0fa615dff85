/**
 * Reads the JSON of `amd-smi metric` and of the older `rocm-smi`. Field names differ between releases: what is not
 * found is absent.
 */
import type { GpuReading } from './gpu-reading.ts'

export const AMD_SMI_ARGS = ['metric', '--json'] as const
export const ROCM_SMI_ARGS = [
  '--showuse',
  '--showmeminfo',
  'vram',
  '--showtemp',
  '--showpower',
  '--showproductname',
  '--json',
] as const

const MIB = 1024 * 1024

/** An array of GPUs, which newer releases put under `gpu_data`. Values come as `{ value, unit }`, or `N/A`. */
export function parseAmdSmi(json: string): readonly GpuReading[] {
  const parsed: unknown = JSON.parse(json)
  const list = Array.isArray(parsed) ? parsed : at(parsed, 'gpu_data')
  if (!Array.isArray(list)) return []
  return list.map((gpu: unknown, position) => {
    const from = (...path: string[]): number | undefined => amount(path.reduce(at, gpu))
    const total = from('mem_usage', 'total_vram')
    const used = from('mem_usage', 'used_vram')
    return reading(from('gpu') ?? position, 'AMD GPU', {
      memoryTotalBytes: total === undefined ? undefined : total * MIB,
      memoryUsedBytes: used === undefined ? undefined : used * MIB,
      utilizationPercent: from('usage', 'gfx_activity'),
      temperatureC: from('temperature', 'edge') ?? from('temperature', 'hotspot'),
      powerW: from('power', 'socket_power'),
    })
  })
}

/** An object with one entry per card; all values are text. */
export function parseRocmSmi(json: string): readonly GpuReading[] {
  const parsed: unknown = JSON.parse(json)
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(parsed).flatMap(([key, card]) => {
    const index = /^card(\d+)$/.exec(key)?.[1]
    if (index === undefined) return []
    const find = (label: RegExp): number | undefined => amount(labelled(card, label))
    const name = labelled(card, /^card (series|model)$/i)
    return [
      reading(Number(index), typeof name === 'string' && name !== '' ? name : 'AMD GPU', {
        memoryTotalBytes: find(/^vram total memory/i),
        memoryUsedBytes: find(/^vram total used memory/i),
        utilizationPercent: find(/^gpu use/i),
        temperatureC: find(/^temperature.*edge/i) ?? find(/^temperature/i),
        powerW: find(/power \(w\)/i),
      }),
    ]
  })
}

type Figures = {
  readonly [K in Exclude<keyof GpuReading, 'index' | 'name' | 'vendor' | 'processes'>]: number | undefined
}

function reading(index: number, name: string, figures: Figures): GpuReading {
  const known = Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined))
  return { index, name, vendor: 'amd', ...known }
}

function labelled(card: unknown, label: RegExp): unknown {
  if (typeof card !== 'object' || card === null) return undefined
  return Object.entries(card).find(([key]) => label.test(key))?.[1]
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

/** A number, a number as text, or either inside `{ value }`. */
function amount(value: unknown): number | undefined {
  const plain = typeof value === 'object' ? at(value, 'value') : value
  const number = typeof plain === 'string' && plain.trim() !== '' ? Number(plain) : plain
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
