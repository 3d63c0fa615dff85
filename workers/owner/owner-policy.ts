/**
 * The owner comes first: when a worker serves other nodes. Own queries are always served and never ask here. One
 * pure function over what is known; what is not known (no GPU to read) forbids nothing.
 */

import { isOpen, type LocalTime } from '../../core/model/schedule.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** Why a worker is not sent a query, though it could compute it. */
export interface Refusal {
  readonly reason: string
  /** Milliseconds until that ends, where it is known. */
  readonly retryAfterMs?: number
}

/** What is known of the GPUs of this machine. */
export interface GpuSituation {
  /** Whether something beside our queries uses a GPU. */
  readonly usedByOthers: boolean
  /** Most that is free on one GPU. */
  readonly vramFreeBytes?: number
  /** Of the hottest GPU, degrees Celsius. */
  readonly temperatureC?: number
}

/** What the policy is decided from. */
export interface OwnerSituation {
  readonly time: LocalTime
  /** Milliseconds left of the owner's pause; 0 when there is none, infinite when only the owner ends it. */
  readonly pausedMs: number
  readonly gpu: GpuSituation | undefined
}

type PolicySettings = Pick<WorkerSettings, 'schedule' | 'idleOnly' | 'minVramFreeBytes' | 'maxTemperatureC'>

/** Why no other node is served now; undefined when they are. */
export function ownerRefusal(settings: PolicySettings, { time, pausedMs, gpu }: OwnerSituation): Refusal | undefined {
  if (pausedMs > 0) {
    const reason = 'paused by its owner'
    return Number.isFinite(pausedMs) ? { reason, retryAfterMs: pausedMs } : { reason }
  }
  if (!isOpen(settings.schedule ?? [], time)) return { reason: 'outside the hours of its owner' }
  return gpu === undefined ? undefined : gpuRefusal(settings, gpu)
}

/** Whether the policy looks at the GPUs at all. */
export function watchesGpu({ idleOnly, minVramFreeBytes, maxTemperatureC }: WorkerSettings): boolean {
  return idleOnly === true || minVramFreeBytes !== undefined || maxTemperatureC !== undefined
}

function gpuRefusal(
  { idleOnly, minVramFreeBytes, maxTemperatureC }: PolicySettings,
  { usedByOthers, vramFreeBytes, temperatureC }: GpuSituation,
): Refusal | undefined {
  if (idleOnly === true && usedByOthers) return { reason: 'its owner uses the GPU' }
  if (minVramFreeBytes !== undefined && (vramFreeBytes ?? minVramFreeBytes) < minVramFreeBytes) {
    return { reason: 'too little VRAM is free' }
  }
  if (maxTemperatureC !== undefined && (temperatureC ?? maxTemperatureC) > maxTemperatureC) {
    return { reason: `the GPU is hotter than ${maxTemperatureC} °C` }
  }
  return undefined
}
