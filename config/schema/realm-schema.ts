/**
 * `realms.<name>` of realms.yml: as it is written (`realmSchema`), and as the node is composed from it (`RealmConfig`).
 */
import { z } from 'zod'
import type { Strategy } from '../../core/model/worker.ts'
import { QUERY_TYPES, type QueryType } from '../../core/query/query.ts'
import { MAX_AUDIO_BYTES } from '../../core/query/query-limits.ts'
import type { Scope } from '../../core/scope.ts'
import { bytes, count, label, list, positiveCount, realmName, scope, seconds, size, strategy } from './schema-parts.ts'
import type { WorkerFile } from './worker-schema.ts'

const queue = z
  .strictObject({
    seconds: seconds
      .default(30)
      .describe('Longest estimated wait that is accepted; above it a query is refused at once.'),
    length: positiveCount.max(100_000).default(512).describe('Most queries that wait.'),
  })
  .prefault({})

const models = z
  .strictObject({
    allow: list(z.string()).default([]).describe('Models that the realm serves, `*` matching anything; empty: all.'),
    deny: list(z.string()).default([]).describe('Models that it never serves; stronger than `allow`.'),
    aliases: z
      .record(z.string(), z.string())
      .default({})
      .describe('Name that people ask for, to the name that engines know.'),
  })
  .prefault({})

const strangers = z
  .strictObject({
    prompt_bytes: size
      .optional()
      .describe(
        'Largest prompt, as above. Default: 256 KiB, for `vision` and `imagine` 8 MiB, for `transcribe` 25 MiB.',
      ),
    tokens_out: positiveCount.default(8_192).describe('Most tokens of one answer.'),
    seconds: seconds.min(1).default(300).describe('Longest time for one query.'),
  })
  .prefault({})

const limits = z
  .strictObject({
    prompt_bytes: size
      .optional()
      .describe(
        'Largest prompt: messages, tools, images, recordings. Default: 1 MiB, for `vision` 16 MiB, for `imagine` 17 MiB, for `transcribe` 25 MiB.',
      ),
    tokens_out: positiveCount.optional().describe("Most tokens of one answer. Default: the engine's."),
    seconds: seconds.min(1).default(600).describe('Longest time for one query.'),
    strangers: strangers.describe(
      'The same for queries of nodes that are neither of your federation nor friends: never more than the limits above.',
    ),
  })
  .prefault({})

const pool = z.strictObject({
  members: list(label).default([]).describe('Names of workers. A worker may also name its pool itself.'),
  strategy: strategy.default('health').describe('How a worker of the pool is chosen.'),
})

export const realmSchema = z
  .strictObject({
    primary_query_type: z.enum(QUERY_TYPES).describe('The kind of query that begins in this realm.'),
    min_workers: count.default(1).describe('Below this many healthy workers the realm says that it is not well.'),
    max_workers: positiveCount.default(5).describe('No more workers than this are taken into the realm.'),
    backup_realms: list(realmName)
      .default([])
      .describe('Realms that serve when this one has no healthy worker, in order.'),
    strategy: strategy.default('health').describe('How a worker is chosen.'),
    queue: queue.describe('What may wait.'),
    concurrency: positiveCount.optional().describe("Most queries at once. Default: the sum of the workers' slots."),
    models: models.describe('Which models the realm serves, and under which names.'),
    scope: scope
      .optional()
      .describe("The widest way that a query of this realm may go. Default: the node's own scope."),
    limits: limits.describe('Limits of one query, whether it is your own or of another node.'),
    pools: z.record(label, pool).default({}).describe('Groups of workers with a strategy of their own.'),
  })
  .describe('A realm: its own queue, workers, limits and counters for one kind of query.')

export type RealmFile = z.output<typeof realmSchema>

export interface RealmLimits {
  /** Largest prompt with everything in it, images included. Default 1 MiB; 16 MiB for vision. */
  readonly promptBytes: number
  /** Most tokens of one answer; undefined leaves it to the engine. */
  readonly tokensOut: number | undefined
  /** Longest time for one query, from the first try to its end. Default 600,000. */
  readonly totalMs: number
}

export interface RealmModels {
  /** Patterns (`*` matches any characters) of models that the realm serves; empty allows all. */
  readonly allow: readonly string[]
  /** Patterns of models that it never serves; stronger than `allow`. */
  readonly deny: readonly string[]
  /** Name that people ask for, to the name that engines know. */
  readonly aliases: Readonly<Record<string, string>>
}

export interface PoolConfig {
  readonly name: string
  /** Names of workers; those that name the pool themselves are included. */
  readonly members: readonly string[]
  readonly strategy: Strategy
}

export interface RealmConfig {
  /** Such as `$CHAT`. */
  readonly name: string
  readonly primaryQueryType: QueryType
  /** Below this many healthy workers the realm says that it is not well. */
  readonly minWorkers: number
  /** No more workers than this are taken into the realm. */
  readonly maxWorkers: number
  /** Realms that serve when this one has no healthy worker, in order. */
  readonly backupRealms: readonly string[]
  /** Default `health`. */
  readonly strategy: Strategy
  readonly queue: {
    /** Longest estimated wait that is accepted; above it the query is refused at the door. Default 30,000. */
    readonly maxWaitMs: number
    /** Most queries that wait. Default 512. */
    readonly maxLength: number
  }
  /** Most queries that run at once; undefined means the sum of the workers' slots. */
  readonly concurrency: number | undefined
  readonly models: RealmModels
  /** The widest way that a query of this realm may go; undefined means the node's own scope. */
  readonly scope: Scope | undefined
  readonly limits: RealmLimits
  /** Those of a query of a stranger: never wider. */
  readonly strangerLimits: RealmLimits
  readonly pools: readonly PoolConfig[]
}

const MIB = 2 ** 20

/** Largest prompt by the type of a realm: pictures and recordings are large, only what holds some may be. */
const PROMPT_BYTES: Readonly<Partial<Record<QueryType, number>>> = {
  vision: 16 * MIB,
  imagine: 17 * MIB,
  transcribe: MAX_AUDIO_BYTES,
}
const DEFAULT_PROMPT_BYTES = MIB

/**
 * Those of a stranger: a conversation with a long document fits, a photo or two, a recording. Prompts of others cost
 * this node memory and prefill.
 */
const STRANGER_PROMPT_BYTES: Readonly<Partial<Record<QueryType, number>>> = {
  vision: 8 * MIB,
  imagine: 8 * MIB,
  transcribe: MAX_AUDIO_BYTES,
}
const DEFAULT_STRANGER_PROMPT_BYTES = 2 ** 18

/**
 * A realm of a file that has passed schema and cross-check. `workers` are all of the file: some name their pool
 * themselves.
 */
export function resolveRealm(
  name: string,
  realm: RealmFile,
  workers: readonly Pick<WorkerFile, 'name' | 'pool'>[],
): RealmConfig {
  const type = realm.primary_query_type
  const limits = {
    promptBytes: bytes(realm.limits.prompt_bytes) ?? PROMPT_BYTES[type] ?? DEFAULT_PROMPT_BYTES,
    tokensOut: realm.limits.tokens_out,
    totalMs: realm.limits.seconds * 1000,
  }
  return {
    name,
    primaryQueryType: realm.primary_query_type,
    minWorkers: realm.min_workers,
    maxWorkers: realm.max_workers,
    backupRealms: realm.backup_realms,
    strategy: realm.strategy,
    queue: { maxWaitMs: realm.queue.seconds * 1000, maxLength: realm.queue.length },
    concurrency: realm.concurrency,
    models: realm.models,
    scope: realm.scope,
    limits,
    strangerLimits: strangerLimits(realm.limits.strangers, limits, type),
    pools: Object.entries(realm.pools).map(([pool, { members, strategy }]) => {
      const joined = workers.filter((worker) => worker.pool === pool).map((worker) => worker.name)
      return { name: pool, members: [...new Set([...members, ...joined])], strategy }
    }),
  }
}

/** A realm of which nothing is said but its name and type. */
export function defaultRealm(name: string, type: QueryType): RealmConfig {
  return resolveRealm(name, realmSchema.parse({ primary_query_type: type }), [])
}

function strangerLimits(own: RealmFile['limits']['strangers'], all: RealmLimits, type: QueryType): RealmLimits {
  const promptBytes = bytes(own.prompt_bytes) ?? STRANGER_PROMPT_BYTES[type] ?? DEFAULT_STRANGER_PROMPT_BYTES
  return {
    promptBytes: Math.min(promptBytes, all.promptBytes),
    tokensOut: Math.min(own.tokens_out, all.tokensOut ?? own.tokens_out),
    totalMs: Math.min(own.seconds * 1_000, all.totalMs),
  }
}
