/**
 * `workers[]` of realms.yml, engines that the owner names: as they are written (`workerSchema`), and as the node is
 * composed from them (`WorkerConfig`). Keys of engines are named here, never written here.
 */
import { z } from 'zod'
import { NAMED_ENGINE_KINDS, type NamedEngineKind } from '../../core/model/engine-kind.ts'
import type { Schedule } from '../../core/model/schedule.ts'
import type { Scope } from '../../core/scope.ts'
import { trimUrl } from '../forms/addresses.ts'
import { parseSchedule } from '../forms/parse-schedule.ts'
import {
  absolute,
  bytes,
  engineUrl,
  formed,
  label,
  list,
  positiveCount,
  realmName,
  schedule,
  scope,
  size,
} from './schema-parts.ts'

export const workerSchema = z
  .strictObject({
    name: label.describe('Unique on this node; the realm, the status and receipts use it.'),
    engine: z.enum(NAMED_ENGINE_KINDS).describe('What runs there.'),
    url: engineUrl
      .optional()
      .describe("The engine's address, or `file:///…` for `llama`. Needed but for `anthropic` and `huggingface`."),
    realms: list(realmName).default([]).describe('Realms that it works for; empty: those that its models fit.'),
    models: list(z.string())
      .default([])
      .describe(
        'Models that are used, `*` matching anything; empty: all it has. One without `*` is used even where the engine does not list it.',
      ),
    slots: positiveCount.max(10_000).optional().describe('Queries at once. Default: what the engine says.'),
    weight: z.number().min(0.01).max(100).default(1).describe('Preference among equals.'),
    schedule: schedule
      .optional()
      .describe(
        'Local hours during which it serves other nodes, such as `mon-fri 18:00-08:00; sat,sun`. Default: always.',
      ),
    idle_only: z.boolean().default(false).describe('Takes no queries of others while another process uses the GPU.'),
    scope: scope
      .optional()
      .describe("Whose queries it may serve. Default: the node's `share`; `local` for a worker with a key."),
    pool: label.optional().describe('The pool that it belongs to.'),
    key_env: formed(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable, not the key itself', {
      example: 'OPENAI_API_KEY',
      secret: true,
    })
      .optional()
      .describe("Environment variable that holds the engine's key."),
    key_file: z.string().min(1).optional().describe("File (mode 0600) that holds the engine's key."),
    max_temperature: z.number().min(20).max(120).optional().describe('Degrees Celsius above which it rests.'),
    min_vram_free: size.optional().describe('GPU memory that must be free, such as `2 GiB`.'),
  })
  .describe('An engine as this node uses it.')

export type WorkerFile = z.output<typeof workerSchema>

export interface WorkerConfig {
  readonly name: string
  readonly engine: NamedEngineKind
  /** Base URL without a trailing slash; empty means the usual address of a cloud engine. */
  readonly url: string
  /** Realms that it works for; empty means those that its models fit. */
  readonly realms: readonly string[]
  /** Patterns of the models that are used; empty means all that the engine has. */
  readonly models: readonly string[]
  /** Queries at once; undefined means what the engine says. */
  readonly slots: number | undefined
  /** Preference among equals. Default 1. */
  readonly weight: number
  /** Hours during which it serves other nodes; undefined means always. */
  readonly schedule: Schedule | undefined
  /** Takes queries of others only while no other process uses the GPU. Default false. */
  readonly idleOnly: boolean
  /** Whose queries it may serve; undefined means the node's `share`, and `local` for a worker with a key. */
  readonly scope: Scope | undefined
  readonly pool: string | undefined
  /** Name of the environment variable that holds the engine's key. */
  readonly keyEnv: string | undefined
  /** File (mode 0600) that holds the engine's key. */
  readonly keyFile: string | undefined
  /** Degrees Celsius above which it takes no queries. */
  readonly maxTemperature: number | undefined
  /** Bytes of GPU memory that must be free. */
  readonly minVramFree: number | undefined
}

/** A worker of a file that has passed schema and cross-check. `base` is what relative paths are relative to. */
export function resolveWorker(worker: WorkerFile, base: string): WorkerConfig {
  const hasKey = worker.key_env !== undefined || worker.key_file !== undefined
  return {
    name: worker.name,
    engine: worker.engine,
    url: trimUrl(worker.url ?? ''),
    realms: worker.realms,
    models: worker.models,
    slots: worker.slots,
    weight: worker.weight,
    schedule: worker.schedule === undefined ? undefined : parseSchedule(worker.schedule),
    idleOnly: worker.idle_only,
    scope: worker.scope ?? (hasKey ? 'local' : undefined),
    pool: worker.pool,
    keyEnv: worker.key_env,
    keyFile: absolute(worker.key_file, base),
    maxTemperature: worker.max_temperature,
    minVramFree: bytes(worker.min_vram_free),
  }
}
