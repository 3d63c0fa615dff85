/** Says once, while it lasts, that all strangers together ask for more than is taken from them. */
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import { FLOOD_RULES, type Traffic } from './flood-rules.ts'

/** Quiet after which it is said again. */
export const CROWD_QUIET_MS = 10 * 60_000

export interface CrowdLogComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
}

/** To be called for each refusal. */
export function crowdLog({ clock, log }: CrowdLogComponents): (traffic: Traffic) => void {
  const lastAt = new Map<Traffic, number>()
  return (traffic) => {
    const now = clock.monotonic()
    const quiet = now - (lastAt.get(traffic) ?? Number.NEGATIVE_INFINITY)
    lastAt.set(traffic, now)
    if (quiet < CROWD_QUIET_MS) return
    const { name } = FLOOD_RULES[traffic]
    log.warn({ traffic }, `strangers together send too many ${name}; until that ends they get less, own rigs all`)
  }
}
