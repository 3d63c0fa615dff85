/**
 * When a node speaks about its load: to connected nodes at once on a step, each second while it changes, and not at all
 * when it does not; to the whole swarm seldom, and the more so the more nodes speak. Pure.
 */
import type { ModelLoad, NodeLoad } from '../../core/model/load.ts'

/** Between two statements while the load changes, ± 20 %. */
export const ACTIVE_INTERVAL_MS = 1_000
/** Pause behind the first statement to the whole swarm; it doubles, so that a node that has come is soon known. */
export const FIRST_SWARM_PAUSE_MS = 2_000
/**
 * Shortest time between two statements to the whole swarm, once it is known, which reach nodes that are not connected
 * too.
 */
export const SWARM_INTERVAL_MS = 60_000
/**
 * Time between two statements to the whole swarm, of all nodes together: what each of them has to receive and pass on
 * does not grow with their number.
 */
export const SWARM_STATEMENT_MS = 12_000
/** Shortest time between two statements: five per second, a quarter of what receivers tolerate. */
export const MIN_GAP_MS = 200
/** A change of this part of the slots is a step. */
export const STEP_FRACTION = 0.25
/** A rate or wait that moved by less than this part is the same. */
const SAME_FRACTION = 0.1
/** Waits that differ by less are the same, milliseconds. */
const SAME_WAIT_MS = 50

function byModel(load: NodeLoad): ReadonlyMap<string, ModelLoad> {
  return new Map(load.models.map((model) => [model.model, model]))
}

function isFull(load: ModelLoad): boolean {
  return load.running >= load.slots
}

function isFree(load: ModelLoad): boolean {
  return load.running + load.queued === 0
}

function isModelStep(before: ModelLoad, now: ModelLoad): boolean {
  if (before.slots !== now.slots || before.warm !== now.warm) return true
  if (isFull(before) !== isFull(now) || isFree(before) !== isFree(now)) return true
  const moved = Math.abs(before.running + before.queued - now.running - now.queued)
  return moved > STEP_FRACTION * Math.max(1, now.slots)
}

/** Whether the load jumped: others must know at once. */
export function isStep(before: NodeLoad | undefined, now: NodeLoad): boolean {
  if (before === undefined || before.draining !== now.draining || before.models.length !== now.models.length)
    return true
  if (before.card !== now.card) return true
  const old = byModel(before)
  return now.models.some((model) => {
    const was = old.get(model.model)
    return was === undefined || isModelStep(was, model)
  })
}

function moved(before: number, now: number, floor = 0): boolean {
  return Math.abs(before - now) > Math.max(floor, SAME_FRACTION * Math.max(before, now))
}

function hasModelChanged(before: ModelLoad, now: ModelLoad): boolean {
  return (
    before.running !== now.running ||
    before.queued !== now.queued ||
    moved(before.estimatedWaitMs, now.estimatedWaitMs, SAME_WAIT_MS) ||
    moved(before.decodeRate, now.decodeRate) ||
    moved(before.prefillRate, now.prefillRate)
  )
}

/** Whether there is anything new to say; a step is always new. */
export function hasChanged(before: NodeLoad | undefined, now: NodeLoad): boolean {
  if (before === undefined || isStep(before, now)) return true
  const old = byModel(before)
  return now.models.some((model) => {
    const was = old.get(model.model)
    return was === undefined || hasModelChanged(was, model)
  })
}

/**
 * Between two statements of one node to the whole swarm, of which `speakers` others were heard; it has made so many
 * `statements` before.
 */
export function swarmIntervalMs(speakers: number, statements: number): number {
  const longest = Math.max(SWARM_INTERVAL_MS, (speakers + 1) * SWARM_STATEMENT_MS)
  return Math.min(longest, FIRST_SWARM_PAUSE_MS * 2 ** statements)
}
