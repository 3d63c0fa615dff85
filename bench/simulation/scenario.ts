/** What is simulated, and what comes out. */

/**
 * `realmesh`: the daemon's own functions. `random`: weighted by capacity. `gossip-least`: the lowest reported load per
 * capacity of all wins. `fresh-least`: the same with everyone's true load at the moment of the choice. `fresh-wait`:
 * the lowest true wait, ties at random: a bound that no swarm reaches, for nobody knows the present load of others.
 */
export const POLICIES = ['realmesh', 'random', 'gossip-least', 'fresh-least', 'fresh-wait'] as const
export type PolicyName = (typeof POLICIES)[number]

/** What a lying worker does with a query, always saying that it is free. */
export const LIES = ['drop', 'fail', 'refuse'] as const
export type Lie = (typeof LIES)[number]

export interface Scenario {
  readonly policy: PolicyName
  readonly seed: number
  readonly gateways: number
  readonly workers: number
  /** Work that arrives, of the honest workers' capacity. */
  readonly load: number
  /** Between two load records of a worker, milliseconds, ± 20 %. */
  readonly gossipMs: number
  /** Whether workers also speak at once when their load jumps, as the daemon does. */
  readonly steps: boolean
  /** Simulated seconds in which queries arrive; all of them are then followed to their end. */
  readonly seconds: number
  /** Crashes per worker and simulated hour. */
  readonly churn: number
  /** Workers that lie. */
  readonly liars: number
  readonly lie: Lie
  /** Whether the middle fifth of the run cuts the swarm into two halves that do not hear each other. */
  readonly partition: boolean
  /** Workers that a gateway knows, drawn at random when there are more. */
  readonly peersPerGateway: number
}

/** The scenario of the figures: 10 gateways, 40 workers, load 0.8, records every second. */
export const USUAL: Scenario = {
  policy: 'realmesh',
  seed: 1,
  gateways: 10,
  workers: 40,
  load: 0.8,
  gossipMs: 1_000,
  steps: false,
  seconds: 300,
  churn: 0,
  liars: 0,
  lie: 'drop',
  partition: false,
  peersPerGateway: 200,
}

/** Mean answer on a slot of speed 1, milliseconds. */
export const MEAN_JOB_MS = 2_000
/** Spread of the answers' lengths: the standard deviation of their logarithm. */
export const JOB_SIGMA = 0.8
/** One way between two nodes, milliseconds; load records take `GOSSIP_DELAY_MS`. */
export const TRANSIT_MS = 10
export const GOSSIP_DELAY_MS = 50
/** Tokens per second of a slot of speed 1, so that an answer of `MEAN_TOKENS` takes the mean time. */
export const SPEED_1_RATE = 64
export const MEAN_TOKENS = (SPEED_1_RATE * MEAN_JOB_MS) / 1_000
/** A query of which nothing is heard for so long is given up, and tried elsewhere. */
export const FIRST_EVENT_TIMEOUT_MS = 10_000
/** After a break of the network it takes so long until a connection is known to be dead. */
export const LOSS_DETECTION_MS = 1_000
export const MAX_TRIES = 3
/** Queries that a gateway holds when three peers refused, and how long each is held. */
export const MAX_HELD = 100
export const MAX_HELD_MS = 30_000
/** Queries that may wait at one worker. */
export const MAX_QUEUED = 64

export interface Result {
  readonly arrived: number
  readonly served: number
  /** Told to come back later by the gateway. */
  readonly rejected: number
  /** Neither served nor rejected at the very end: always 0, or a query was lost. */
  readonly lost: number
  /** Ended more than once: always 0. */
  readonly endedTwice: number
  /** From arrival to the start of the answer, the way there included. */
  readonly meanWaitMs: number
  readonly p99WaitMs: number
  readonly refusalsPerQuery: number
  /** Work done while queries arrived, of the honest workers' capacity. */
  readonly goodput: number
  /** Of all sends after each gateway's twentieth query, those that went to liars. */
  readonly liarShare: number
  readonly maxQueued: number
  readonly maxHeld: number
  readonly maxTries: number
}
