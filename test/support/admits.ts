/** A door that lets every query in. */
import type { RunQuery } from '../../core/run/run-query.ts'
import type { AdmitQuery } from '../../protocols/query/serving/admitted.ts'

/** `own`: the askers are of the own federation. */
export function admits(run: RunQuery, own = false): AdmitQuery {
  return async () => ({ own, run })
}
