/** Runs of a serving node that do what a test is about. */
import { once } from 'node:events'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { platformSignal } from './platform-signal.ts'

export const START: QueryEvent = { kind: 'start', node: 'n', worker: 'w', engine: 'stub', model: 'tiny' }
export const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 2 } }

/** Resolves when `signal` aborts. */
export async function aborted(signal: CancelSignal): Promise<void> {
  if (!signal.aborted) await once(platformSignal(signal), 'abort')
}

/** A run that fails before its first event. */
export function failing(error: Error): RunQuery {
  return () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) })
}

/** A run that begins and does nothing more until it is cancelled, which it tells by `stopped`. */
export function endless(stopped: () => void): RunQuery {
  return async function* (_, { signal }) {
    yield START
    await aborted(signal)
    stopped()
    throw signal.reason
  }
}
