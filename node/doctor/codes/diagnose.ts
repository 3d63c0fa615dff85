/** Runs checks side by side, each within its time: one that hangs or fails is told and keeps no other waiting. */
import { type Diagnosis, diagnosisOf, type Finding } from '../../../core/model/finding.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { withinLimit } from '../../../core/run/within-limit.ts'
import { messageOf } from '../../../core/thrown.ts'
import { found } from './found.ts'

/** A check that is not done by then is told as unknown: a person waits for the whole. */
const CHECK_MS = 12_000

export interface Check {
  /** The first word of its codes. */
  readonly name: string
  /** Gathers facts, then judges them. */
  readonly run: (signal: CancelSignal) => Promise<readonly Finding[]>
}

/** Never rejects, but for the reason of `signal`. */
export async function diagnose(
  checks: readonly Check[],
  { clock, signal }: { readonly clock: Clock; readonly signal: CancelSignal },
): Promise<Diagnosis> {
  const results = await Promise.all(checks.map((check) => settled(check, clock, signal)))
  signal.throwIfAborted()
  return diagnosisOf(results.flat())
}

async function settled({ name, run }: Check, clock: Clock, signal: CancelSignal): Promise<readonly Finding[]> {
  try {
    return await withinLimit(signal, CHECK_MS, `${name}: no result`, run, clock)
  } catch (thrown) {
    return [found('check.unknown', `${name} could not be looked at: ${messageOf(thrown)}`, { facts: { check: name } })]
  }
}
