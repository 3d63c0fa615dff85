/** What an error of an engine says about the engine: gone, slow, odd, or merely busy. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'

/**
 * `loading`: it answered that its model is not in memory yet. `refused`: it answered, but not with a yes. `silent`:
 * nothing within the time limit. `unreachable`: nobody listens there.
 */
export type ProbeOutcome = 'answered' | 'busy' | 'loading' | 'refused' | 'silent' | 'unreachable'

/** System and undici codes that mean that nobody is there, or no longer. */
const NOBODY_THERE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
])
const TO_BLAME: ReadonlySet<string> = new Set(['ENGINE_FAILED', 'ENGINE_GARBAGE', 'TIMEOUT', 'INTERNAL'])
/** Causes are followed this far; adapters wrap once or twice. */
const MAX_CAUSES = 5

/** What a failed probe means. */
export function probeOutcome(error: unknown): Exclude<ProbeOutcome, 'answered'> {
  if (isUnreachable(error)) return 'unreachable'
  if (!(error instanceof RealmeshError)) return 'refused'
  if (error.code === 'ENGINE_BUSY') return 'busy'
  if (error.code === 'ENGINE_LOADING') return 'loading'
  return error.code === 'TIMEOUT' ? 'silent' : 'refused'
}

/** Whether the error, or one of its causes, is that of a connection that nobody took or that was cut. */
export function isUnreachable(error: unknown): boolean {
  let current = error
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    if (NOBODY_THERE.has(codeOf(current) ?? '')) return true
    if (current instanceof AggregateError && current.errors.some(isUnreachable)) return true
    current = current.cause
  }
  return false
}

/**
 * What a failed query says about the engine. `failed`: it is to blame. `busy`: it will serve later. `gone`: its models,
 * or what they can do, are not what it had told. `asker`: the query was at fault, or was given up; nobody may harm a
 * worker by sending it nonsense.
 */
export function failureKind(error: unknown): 'failed' | 'busy' | 'gone' | 'asker' {
  if (!(error instanceof RealmeshError)) return 'failed'
  if (error.code === 'ENGINE_BUSY' || error.code === 'ENGINE_LOADING') return 'busy'
  if (error.code === 'MODEL_NOT_FOUND' || error.code === 'CAPABILITY_MISSING') return 'gone'
  return TO_BLAME.has(error.code) && error.retryable ? 'failed' : 'asker'
}
