/**
 * NodeLoad as bytes, within a bound: the busiest and the warm models first, as many as fit. Used signed in gossip
 * (load-record.ts) and bare on the replies of the query protocol, where the connection proves whose it is.
 */
import type { ModelLoad, NodeLoad, NodeTotal } from '../../core/model/load.ts'
import { canonicalModelName, MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type LoadOfModel, LoadState } from './messages.ts'

/** Models that are read from one statement; a node with more speaks of the busiest. */
export const MAX_MODELS_PER_LOAD = 256

/**
 * What a statement may claim at most of slots, running and queued queries: keeps sums of strangers' claims in range.
 */
export const MAX_COUNT = 100_000

/** A wait longer than an hour is as good as none. */
export const MAX_WAIT_MS = 3_600_000

/** Tokens per second above which a claim is nonsense. */
export const MAX_CLAIMED_TOKEN_RATE = 1_000_000

const MILLI = 1_000

/**
 * Encodes as many models as fit into `maxBytes`, those that matter most to others first. Throws `INTERNAL` when not
 * even the statement without models fits.
 */
export function encodeLoadState(load: NodeLoad, maxBytes: number): Uint8Array {
  const { seq, at, draining, paused = false, card = 0, total } = load
  // A name of blanks is none: its readers would refuse the whole statement.
  const models = byImportance(load.models)
    .map(toWire)
    .filter(({ model }) => model !== '')
    .slice(0, MAX_MODELS_PER_LOAD)
  const state: LoadState = { seq, at, draining, paused, card, models }
  if (total !== undefined) state.total = boundedTotal(total)
  const whole = LoadState.encode(state)
  if (whole.byteLength <= maxBytes) return whole
  return LoadState.encode({ ...state, models: fitting(models, maxBytes, { ...state, models: [] }) })
}

/** The first of the models, as many as fit behind `head`. */
function fitting(models: readonly LoadOfModel[], maxBytes: number, head: LoadState): LoadOfModel[] {
  let room = maxBytes - LoadState.encode(head).byteLength
  if (room < 0) throw new RealmeshError('INTERNAL', `a load statement needs more than ${maxBytes} bytes`)
  const tooMany = models.findIndex((model) => {
    room -= entrySize(model)
    return room < 0
  })
  return models.slice(0, tooMany)
}

/** Decodes and bounds a statement. Throws `PROTOCOL_ERROR`. */
export function decodeLoadState(bytes: Uint8Array): NodeLoad {
  const state = decoded(bytes)
  if (![state.seq, state.at, state.card].every(Number.isSafeInteger)) throw malformed()
  return {
    seq: state.seq,
    at: state.at,
    draining: state.draining,
    ...(state.paused ? { paused: true } : {}),
    ...(state.card === 0 ? {} : { card: state.card }),
    models: state.models.map(fromWire),
    ...(state.total && { total: boundedTotal(state.total) }),
  }
}

function boundedTotal({ slots, running, queued }: NodeTotal): NodeTotal {
  return { slots: whole(slots, MAX_COUNT), running: whole(running, MAX_COUNT), queued: whole(queued, MAX_COUNT) }
}

function decoded(bytes: Uint8Array): LoadState {
  try {
    return LoadState.decode(bytes, { limits: { models: MAX_MODELS_PER_LOAD } })
  } catch (cause) {
    throw malformed(cause)
  }
}

function malformed(cause?: unknown): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', 'a load statement is malformed', { cause })
}

/**
 * Busy ones first (their state is news), then warm ones, then by slots; ties by name, so that every node cuts alike.
 */
function byImportance(models: readonly ModelLoad[]): readonly ModelLoad[] {
  const busy = (model: ModelLoad): number => model.running + model.queued
  return [...models].sort(
    (a, b) => busy(b) - busy(a) || Number(b.warm) - Number(a.warm) || b.slots - a.slots || (a.model < b.model ? -1 : 1),
  )
}

function toWire(load: ModelLoad): LoadOfModel {
  return {
    model: canonicalModelName(load.model).slice(0, MAX_MODEL_NAME_LENGTH),
    slots: whole(load.slots, MAX_COUNT),
    running: whole(load.running, MAX_COUNT),
    queued: whole(load.queued, MAX_COUNT),
    estimatedWaitMs: whole(load.estimatedWaitMs, MAX_WAIT_MS),
    decodeRateMilli: whole(load.decodeRate * MILLI, MAX_CLAIMED_TOKEN_RATE * MILLI),
    prefillRateMilli: whole(load.prefillRate * MILLI, MAX_CLAIMED_TOKEN_RATE * MILLI),
    warm: load.warm,
  }
}

function fromWire(wire: LoadOfModel): ModelLoad {
  if (wire.model === '' || wire.model.length > MAX_MODEL_NAME_LENGTH) throw malformed()
  return {
    model: canonicalModelName(wire.model),
    slots: Math.min(wire.slots, MAX_COUNT),
    running: Math.min(wire.running, MAX_COUNT),
    queued: Math.min(wire.queued, MAX_COUNT),
    estimatedWaitMs: Math.min(wire.estimatedWaitMs, MAX_WAIT_MS),
    decodeRate: Math.min(wire.decodeRateMilli / MILLI, MAX_CLAIMED_TOKEN_RATE),
    prefillRate: Math.min(wire.prefillRateMilli / MILLI, MAX_CLAIMED_TOKEN_RATE),
    warm: wire.warm,
  }
}

/** The nearest whole number within the range; 0 for what is no number. */
function whole(value: number, max: number): number {
  return value > 0 ? Math.min(Math.round(value), max) : 0
}

/** Bytes that one model takes in the statement: its own and those of tag and length. */
function entrySize(wire: LoadOfModel): number {
  const { byteLength } = LoadState.encode({ models: [wire] })
  return byteLength
}
