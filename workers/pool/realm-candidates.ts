/** Which of a realm's workers could take one query, which of them come first, and why there is none. */
import type { Model } from '../../core/model/model.ts'
import { isAutoModel } from '../../core/model/model-name.ts'
import type { Query, QueryType } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Asker } from '../../core/scope.ts'
import type { Availability } from '../worker/availability.ts'
import type { Worker } from '../worker/worker.ts'
import type { Match } from './model-match.ts'
import { closestOf, ENGINE_FOR, misfitError, type QueryNeeds } from './query-needs.ts'
import type { WorkerSnapshot } from './worker-selection.ts'

/** A worker and what it says to the query. */
export interface MatchedWorker {
  readonly worker: Worker
  readonly match: Match
}

/** A worker that fits, with the model that the query would get. */
export interface Candidate extends WorkerSnapshot {
  readonly worker: Worker
  readonly model: Model
  readonly warm: boolean
  /** Whether the engine claims all that the query needs. */
  readonly sure: boolean
}

/** Assumed until a load was seen: a few gigabytes from a local disk. */
const UNKNOWN_LOAD_MS = 10_000

export function candidateOf(worker: Worker, model: Model, { promptTokens, capabilities }: QueryNeeds): Candidate {
  const { name, slots, vitals, lastChosen, settings } = worker
  const warm = worker.models.isWarm(model.name)
  const { prefill, firstTokenMs, loadMs = UNKNOWN_LOAD_MS } = worker.models.rates(model.name)
  const prefillMs = prefill === undefined ? firstTokenMs : (promptTokens * 1_000) / prefill
  return {
    worker,
    model,
    warm,
    sure: model.unsure === undefined || !capabilities.some((each) => model.unsure?.includes(each)),
    name,
    health: vitals.health.score,
    running: slots.running,
    slots: slots.slots,
    weight: settings.weight ?? 1,
    firstTokenMs: prefillMs === undefined ? undefined : prefillMs + (warm ? 0 : loadMs),
    lastChosen,
  }
}

/**
 * The candidates that come before the others: real engines before built-ins, those that are sure of what the query
 * needs before those of which it is only hoped, models in memory before those that must be loaded.
 */
export function chooseTier(candidates: readonly Candidate[]): readonly Candidate[] {
  const real = narrow(candidates, ({ worker }) => worker.real)
  return narrow(
    narrow(real, ({ sure }) => sure),
    ({ warm }) => warm,
  )
}

/** Whether an engine, up or down, has such a model, or may have one as long as it did not tell. */
export function isRealMatch(type: QueryType): (matched: MatchedWorker) => boolean {
  return ({ worker: { real, models }, match }) =>
    real && (match.kind !== 'none' || (models.all.length === 0 && models.mayServe(type)))
}

/**
 * Whether the worker can take the query now. To tell tokens an engine needs none of its slots: it is asked while they
 * are all taken.
 */
export function availabilityFor({ type, priority }: Query, worker: Worker, asker: Asker): Availability {
  const told = worker.availability(asker, priority)
  const { loading, breaker } = worker.vitals
  return told === 'busy' && type === 'tokens' && !loading && breaker.allows ? 'free' : told
}

/** Why none of the workers serves the query: the error that says most about what would help. */
export function whyNone(
  realm: string,
  query: Query,
  matched: readonly MatchedWorker[],
  { asker, exclude }: { readonly asker: Asker; readonly exclude: ReadonlySet<string> },
): RealmeshError {
  const refused = matched.filter(({ match }) => match.kind === 'fit').map(({ worker }) => worker)
  if (refused.length > 0) return unavailable(realm, refused, query, { asker, exclude })
  const missing = closestOf(matched.flatMap(({ match }) => (match.kind === 'misfit' ? match.misfit : [])))
  if (missing !== undefined) return misfitError(missing)
  if (isAutoModel(query.model)) {
    return new RealmeshError('NO_WORKER', `no worker of ${realm} serves ${query.type} queries`, {
      fix: `start an engine such as ${ENGINE_FOR[query.type]}; it is found by itself`,
    })
  }
  return new RealmeshError('MODEL_NOT_FOUND', `no worker of ${realm} has a model named ${query.model}`)
}

function unavailable(
  realm: string,
  workers: readonly Worker[],
  { priority }: Query,
  { asker, exclude }: { readonly asker: Asker; readonly exclude: ReadonlySet<string> },
): RealmeshError {
  const refusals = workers.flatMap((worker) => {
    const refusal = exclude.has(worker.name) ? undefined : worker.refusal(asker, priority)
    return refusal === undefined ? [] : [{ ...refusal, name: worker.name }]
  })
  const waits = refusals.flatMap(({ retryAfterMs }) => retryAfterMs ?? [])
  // Reasons can hold an engine's address: they are told to people on this node only.
  const why = refusals.map(({ name, reason }) => (asker === 'own' ? `${name}: ${reason}` : reason)).slice(0, 3)
  const reasons = why.length === 0 ? 'every worker that fits has failed it' : why.join('; ')
  return new RealmeshError('NO_WORKER', `no worker of ${realm} can take the query now (${reasons})`, {
    ...(waits.length > 0 && { retryAfterMs: Math.ceil(Math.min(...waits)) }),
  })
}

/** Those that pass, or all when none does. */
function narrow<T>(all: readonly T[], passes: (item: T) => boolean): readonly T[] {
  const some = all.filter(passes)
  return some.length > 0 ? some : all
}
