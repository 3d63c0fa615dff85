/**
 * Reads the JSON of macOS' `system_profiler SPDisplaysDataType`: names, and memory where it is the card's own. No load
 * is told.
 */
import type { GpuReading } from './gpu-reading.ts'

export const SYSTEM_PROFILER_ARGS = ['SPDisplaysDataType', '-json'] as const

const UNITS: Readonly<Record<string, number>> = { MB: 1024 ** 2, GB: 1024 ** 3 }

export function parseSystemProfiler(json: string): readonly GpuReading[] {
  const parsed: unknown = JSON.parse(json)
  const list =
    typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)['SPDisplaysDataType'] : []
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) return []
    const card = entry as Record<string, unknown>
    const name = card['sppci_model'] ?? card['_name']
    const total = bytes(card['spdisplays_vram'])
    return [
      {
        index,
        name: typeof name === 'string' ? name : 'Apple GPU',
        vendor: 'apple' as const,
        ...(total !== undefined && { memoryTotalBytes: total }),
      },
    ]
  })
}

/** Such as `8 GB`. */
function bytes(text: unknown): number | undefined {
  const [, amount, unit = ''] = typeof text === 'string' ? (/^(\d+)\s*(MB|GB)$/.exec(text.trim()) ?? []) : []
  const factor = UNITS[unit]
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}
