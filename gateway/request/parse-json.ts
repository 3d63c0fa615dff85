/** Bodies as JSON: nothing that reaches a prototype, nothing nested without end. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { MAX_JSON_DEPTH } from './limits.ts'

/** Throws `BAD_REQUEST` when `value` is nested deeper than `limit`. */
export function assertShallow(value: unknown, limit = MAX_JSON_DEPTH): void {
  if (typeof value !== 'object' || value === null) return
  if (limit === 0) {
    throw new RealmeshError('BAD_REQUEST', `the body is nested deeper than ${MAX_JSON_DEPTH} levels`, {
      fix: 'flatten the schema of the tools or of the answer',
    })
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof inner === 'object') assertShallow(inner, limit - 1)
  }
}
