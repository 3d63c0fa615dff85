/** What the doctor found: one finding for each thing that it looked at, with a code that stays. */

/** Worst first. `unknown`: it cannot be told now; `skipped`: it was not looked at, and the cause says why. */
export const FINDING_STATES = ['fail', 'warn', 'unknown', 'skipped', 'ok'] as const
export type FindingState = (typeof FINDING_STATES)[number]

export interface Finding {
  /** What was looked at and what came of it, such as `disk.full`: docs/doctor.md has them all. */
  readonly code: string
  readonly state: FindingState
  /** One line. */
  readonly cause: string
  /** One line; absent where nothing is to be done. */
  readonly fix?: string
  /** What the cause was read off, for programs. */
  readonly facts: Readonly<Record<string, unknown>>
}

export interface Diagnosis {
  /** The worst of fail, warn and ok: what is unknown or was skipped breaks nothing. */
  readonly state: 'fail' | 'warn' | 'ok'
  /** Worst first. */
  readonly findings: readonly Finding[]
}

/** Findings in the order in which a person reads them, each once, and how bad it is. Pure. */
export function diagnosisOf(findings: readonly Finding[]): Diagnosis {
  const rank = ({ state }: Finding): number => FINDING_STATES.indexOf(state)
  const known = new Set<string>()
  const once = findings.filter(({ code, cause }) => !known.has(`${code} ${cause}`) && known.add(`${code} ${cause}`))
  const sorted = once.toSorted((one, other) => rank(one) - rank(other))
  const worst = sorted[0]?.state
  return { state: worst === 'fail' || worst === 'warn' ? worst : 'ok', findings: sorted }
}
