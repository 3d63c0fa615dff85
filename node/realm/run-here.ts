/** Runs a query on this node's own workers, in the realm that it names, and notes the part that was served. */
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { tappedRun } from '../../core/run/tapped-run.ts'
import type { RealmRunOptions } from './realm-query-processor.ts'
import type { RealmRegistry } from './realm-registry.ts'
import { addServedPart } from './served-part.ts'

export interface RunHere {
  (query: Query, options: RealmRunOptions): AsyncIterable<QueryEvent>
  /** Calls back when a query begins or ends here: the load has changed. */
  onLoadChange(listener: () => void): void
  /** Resolves when no query runs here, those of peers included. */
  idle(): Promise<void>
}

/** `now`: monotonic milliseconds. */
export function runHere(realms: Pick<RealmRegistry, 'get' | 'forType'>, now: () => number): RunHere {
  let changed = (): void => {}
  let running = 0
  let waiting: (() => void)[] = []
  const tellIdle = (): void => {
    for (const tell of waiting) tell()
    waiting = []
  }
  const run = (query: Query, options: RealmRunOptions): AsyncIterable<QueryEvent> => {
    const realm = realms.get(query.realm)
    if (realm === undefined) throw new RealmeshError('REALM_NOT_FOUND', `this node has no realm ${query.realm}`)
    return realm.processor.run(query, options)
  }
  const counted = (query: Query, options: RealmRunOptions): AsyncIterable<QueryEvent> => {
    const begin = (): AsyncIterable<QueryEvent> => {
      running += 1
      changed()
      return run(query, options)
    }
    const onClosed = (): void => {
      running -= 1
      changed()
      if (running === 0) tellIdle()
    }
    return tappedRun(begin, { onEvent: addServedPart(now), onClosed })
  }
  return Object.assign(counted, {
    onLoadChange: (listener: () => void) => {
      changed = listener
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
  })
}
