/** One row of the doctor's tables of codes. */
import type { FindingState } from '../../../core/model/finding.ts'

export interface CodeRow {
  readonly state: FindingState
  /** What it means, as docs/doctor.md tells it. */
  readonly means: string
  /** What helps, where nothing more exact is known. Absent: nothing is to be done. */
  readonly fix?: string
}
