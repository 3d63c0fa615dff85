/** `realms.<name>` of realms.yml: the seed's three keys, and ours beside them. */
import { z } from 'zod'
import { QUERY_TYPES } from '../../core/query/query.ts'
import { count, label, list, positiveCount, realmName, scope, seconds, size, strategy } from './schema-parts.ts'

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

const limits = z
  .strictObject({
    prompt_bytes: size.optional().describe('Largest prompt, images included. Default: 1 MiB, for `vision` 16 MiB.'),
    tokens_out: positiveCount.optional().describe("Most tokens of one answer. Default: the engine's."),
    seconds: seconds.min(1).default(600).describe('Longest time for one query.'),
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
    limits: limits.describe('Limits of one query.'),
    pools: z.record(label, pool).default({}).describe('Groups of workers with a strategy of their own.'),
  })
  .describe('A realm: its own queue, workers, limits and counters for one kind of query.')

export type RealmFile = z.output<typeof realmSchema>
