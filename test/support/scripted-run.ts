/** Runs of a serving node that do what a test is about. */
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { aborted } from './aborted.ts'

export const START: QueryEvent = { kind: 'start', node: 'n', worker: 'w', engine: 'stub', model: 'tiny' }
export const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 2 } }

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
