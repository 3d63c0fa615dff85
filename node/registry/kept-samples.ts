/** The history of a swarm as it was written. Throws on what is none of ours. Pure. */
import type { SwarmSample } from '../../core/swarm-sums.ts'
import { MAX_SWARM_SAMPLES } from './registry.ts'

const KEYS = ['at', 'nodes', 'alive', 'federations', 'slots', 'running'] as const

export function keptSamples(value: unknown): readonly SwarmSample[] {
  if (!Array.isArray(value)) throw new TypeError('the history is no list')
  return value.slice(-MAX_SWARM_SAMPLES).map((row: unknown) => {
    const sample = (row ?? {}) as Record<string, unknown>
    const [at, nodes, alive, federations, slots, running] = KEYS.map((key) => numberAt(sample, key))
    return { at, nodes, alive, federations, slots, running } as SwarmSample
  })
}

function numberAt(sample: Record<string, unknown>, key: string): number {
  const value = sample[key]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`a look without ${key}`)
  return value
}
