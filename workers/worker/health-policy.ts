/**
 * How much a worker is trusted, 0 to 100, and when it is left alone: RENT-A-HAL's rules as one table, extended to what
 * real queries show. The score ranks workers; whether an engine is there at all is decided by `worker-vitals.ts` in a
 * moment.
 */

/** What was seen of a worker. `refused`: it answered, but not with a yes. `silent`: it did not answer. */
export type HealthSign = 'probeAnswered' | 'probeRefused' | 'probeSilent' | 'queryServed' | 'queryFailed'

export interface Health {
  /** 0 to 100. */
  readonly score: number
  /** Takes no queries until a sign of life brings it back. */
  readonly blacklisted: boolean
}

export interface HealthRules {
  /** Points for each sign. */
  readonly points: Readonly<Record<HealthSign, number>>
  /** Whether a score of 0 blacklists. */
  readonly blacklists: boolean
}

export const FULL_HEALTH: Health = { score: 100, blacklisted: false }
/** The score with which a blacklisted worker comes back. */
const COMEBACK_SCORE = 50

const POINTS: Readonly<Record<HealthSign, number>> = {
  probeAnswered: 10,
  probeRefused: -10,
  probeSilent: -5,
  queryServed: 10,
  queryFailed: -10,
}

/**
 * `imagine`: image servers have no `/health`; a refused probe says nothing about them, so they sink but stay usable.
 */
export const HEALTH_RULES: Readonly<Record<'general' | 'imagine', HealthRules>> = {
  general: { points: POINTS, blacklists: true },
  imagine: { points: POINTS, blacklists: false },
}

/** The health after one more sign. A blacklisted worker changes only by a good sign, and then starts at half. */
export function nextHealth(health: Health, sign: HealthSign, rules: HealthRules): Health {
  const points = rules.points[sign]
  if (health.blacklisted) return points > 0 ? { score: COMEBACK_SCORE, blacklisted: false } : health
  const score = Math.min(100, Math.max(0, health.score + points))
  return { score, blacklisted: score === 0 && rules.blacklists }
}
