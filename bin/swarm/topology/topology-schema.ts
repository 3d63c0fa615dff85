/**
 * A topology file as it is written: nodes, the network between them, what is asked and what goes wrong meanwhile. What
 * a schema cannot say stands in topology-rules.ts.
 */
import { z } from 'zod'
import { formed } from '../../../config/schema/schema-parts.ts'

/** More processes than a machine with 64 GB holds comfortably. */
export const MAX_TOPOLOGY_NODES = 200

/** Homes are numbered in one octet of an address. */
const MAX_HOMES = 200

/** A file that names more faults is a program. */
const MAX_FAULTS = 200

/** Longest delay of one way, milliseconds: more than to the moon and back. */
const MAX_LATENCY_MS = 10_000

/** Longest play and fault, seconds: a day. */
const MAX_SECONDS = 86_400

const nodeName = formed(/^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits and -', { example: 'rig-1' })

const latency = z.number().min(0).max(MAX_LATENCY_MS)
const share = z.number().min(0).max(1)
const time = z.number().min(0).max(MAX_SECONDS)
const names = z.union([nodeName, z.array(nodeName).min(1).max(MAX_TOPOLOGY_NODES)])

/** Of every way, and of each direction by itself: a delay of 100 ms is a round trip of 200. */
const conditions = {
  latency_ms: latency.default(0),
  jitter_ms: latency.default(0),
  loss: share.default(0),
}

const home = z.strictObject({
  /** `plain`: a source port is kept; `symmetric`: one per flow, so that no hole can be punched. */
  nat: z.enum(['none', 'plain', 'symmetric']).default('plain'),
  /** Whether its router lets UDP out. */
  udp: z.boolean().default(true),
  ...conditions,
})

const engine = z.strictObject({
  model: formed(/^simulated[a-z0-9.:-]{0,40}$/, 'a name that begins with "simulated": nothing is computed', {
    example: 'simulated-8b',
  }).default('simulated'),
  slots: z.int().min(1).max(1_000).default(4),
  tokens_per_second: z.number().min(0.1).max(100_000).default(40),
  first_token_ms: z.number().min(0).max(60_000).default(150),
})

const node = z.strictObject({
  name: nodeName,
  /** Without one it stands openly on the wide network. */
  home: nodeName.optional(),
  /** Others join through it. */
  bootstrap: z.boolean().default(false),
  engine: engine.optional(),
})

const queries = z.strictObject({
  /** Nodes whose gateways are asked, in turn. */
  from: names,
  model: engine.shape.model,
  per_second: z.number().min(0.01).max(1_000).default(2),
  /** Seconds. */
  for: time.default(30),
  /** Length of every answer. */
  tokens: z.int().min(1).max(10_000).default(24),
})

const fault = z.strictObject({
  /** Seconds after the first query. */
  at: time,
  /** Seconds until it is over; a killed node is then started again. Without it: until the end. */
  for: time.optional(),
  kill: names.optional(),
  /** Frozen, as by SIGSTOP: its connections stay open and say nothing. */
  stop: names.optional(),
  /** Groups that do not reach each other; who is in none reaches all. */
  partition: z.array(names).min(2).max(MAX_TOPOLOGY_NODES).optional(),
  /** Engines of these nodes take `factor` times as long. */
  slow: names.optional(),
  factor: z.number().min(1).max(10_000).default(10),
  /** Engines of these nodes answer nothing, break off in the middle, or give another answer. */
  lie: names.optional(),
  how: z.enum(['empty', 'cut', 'wrong']).default('cut'),
  /** Homes, or nodes without one, whose link gets the conditions below; `all`: the whole network. */
  link: names.optional(),
  ...conditions,
})

export const topologySchema = z.strictObject({
  about: z.string().max(500).optional(),
  /** The same seed loses the same frames and asks at the same times. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  /** Between any two homes; without this section all nodes are on loopback. */
  network: z.strictObject(conditions).optional(),
  homes: z
    .record(nodeName, home)
    .default({})
    .refine((homes) => Object.keys(homes).length <= MAX_HOMES, {
      error: `expected at most ${MAX_HOMES} homes`,
    }),
  nodes: z.array(node).min(1).max(MAX_TOPOLOGY_NODES),
  queries: queries.optional(),
  faults: z.array(fault).max(MAX_FAULTS).default([]),
})

export type Topology = z.output<typeof topologySchema>
export type TopologyNode = Topology['nodes'][number]
export type TopologyFault = Topology['faults'][number]
export type HomePlan = Topology['homes'][string]
export type EnginePlan = z.output<typeof engine>
export type QueryPlan = z.output<typeof queries>

/** What becomes of frames on one way. */
export interface LinkConditions {
  readonly latency_ms: number
  readonly jitter_ms: number
  readonly loss: number
}

/** One name or several as a list. */
export function listed(names: string | readonly string[] | undefined): readonly string[] {
  if (names === undefined) return []
  return typeof names === 'string' ? [names] : names
}
