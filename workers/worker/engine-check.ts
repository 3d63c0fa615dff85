/** One look at an engine: does it live, what does it offer, how busy is it. Time-limited and bounded; never throws. */

import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import { canonicalModelName, MAX_MODEL_NAME_LENGTH } from '../../core/model/model-name.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { messageOf } from '../../core/thrown.ts'
import type { Engine, EngineLoad } from '../../engines/adapter/engine.ts'
import { type ProbeOutcome, probeOutcome } from './probe-outcome.ts'

/** Models that are kept of one engine; more is a catalogue, not a rig. */
export const MAX_MODELS_PER_WORKER = 512

export interface EngineReport {
  readonly outcome: ProbeOutcome
  /** Why, unless it answered. */
  readonly message?: string
  /** Absent when not asked for or not told. */
  readonly models?: readonly Model[]
  /** Why the models were not told. */
  readonly modelsMessage?: string
  readonly load?: EngineLoad
}

export interface EngineCheckOptions {
  readonly models: boolean
  readonly load: boolean
  /** Models that the owner names. @default none */
  readonly named?: readonly string[]
  /** For each of the questions. */
  readonly timeoutMs: number
  readonly signal: CancelSignal
}

export async function checkEngine(engine: Engine, clock: Clock, options: EngineCheckOptions): Promise<EngineReport> {
  const ask = <T>(what: string, question: (signal: CancelSignal) => Promise<T>): Promise<T> =>
    withinLimit(options.signal, options.timeoutMs, `${engine.kind} at ${engine.url}: ${what}`, question, clock)
  try {
    await ask('no answer', (signal) => engine.probe({ signal }))
  } catch (error) {
    return { outcome: probeOutcome(error), message: messageOf(error) }
  }
  const [models, load] = await Promise.allSettled([
    options.models
      ? ask('no list of models', (signal) => engine.models({ signal, ...defined({ named: options.named }) }))
      : undefined,
    options.load ? ask('no load', async (signal) => engine.load?.({ signal })) : undefined,
  ])
  return {
    outcome: 'answered',
    ...(models.status === 'fulfilled' && models.value !== undefined && { models: boundedModels(models.value) }),
    ...(models.status === 'rejected' && untold(models.reason)),
    // An engine that does not tell its load now is counted by what we sent it.
    ...(load.status === 'fulfilled' && load.value !== undefined && { load: load.value }),
  }
}

/**
 * A list that is refused to us offers nothing; one that failed may come with the next look, and until then the last one
 * holds.
 */
function untold(reason: unknown): Pick<EngineReport, 'models' | 'modelsMessage'> {
  const modelsMessage = messageOf(reason)
  const refused = reason instanceof RealmeshError && !reason.retryable && reason.code !== 'CANCELLED'
  return refused ? { models: [], modelsMessage } : { modelsMessage }
}

function boundedModels(models: readonly Model[]): readonly Model[] {
  const seen = new Set<string>()
  return models
    .filter(({ name }) => {
      const canonical = canonicalModelName(name)
      if (canonical === '' || name.length > MAX_MODEL_NAME_LENGTH || seen.has(canonical)) return false
      seen.add(canonical)
      return true
    })
    .slice(0, MAX_MODELS_PER_WORKER)
}
