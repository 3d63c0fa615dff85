/** `workers[]` of realms.yml: engines that the owner names himself. Keys of engines are named here, never written here. */
import { z } from 'zod'
import { NAMED_ENGINE_KINDS } from '../../core/model/engine-kind.ts'
import { engineUrl, label, list, positiveCount, realmName, schedule, scope, size } from './schema-parts.ts'

export const workerSchema = z
  .strictObject({
    name: label.describe('Unique on this node; the realm, the status and receipts use it.'),
    engine: z.enum(NAMED_ENGINE_KINDS).describe('What runs there.'),
    url: engineUrl
      .optional()
      .describe("The engine's address, or `file:///…` for `llama`. Needed but for `anthropic` and `huggingface`."),
    realms: list(realmName).default([]).describe('Realms that it works for; empty: those that its models fit.'),
    models: list(z.string()).default([]).describe('Models that are used, `*` matching anything; empty: all it has.'),
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
    key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable, not the key itself, such as OPENAI_API_KEY')
      .optional()
      .describe("Environment variable that holds the engine's key."),
    key_file: z.string().min(1).optional().describe("File (mode 0600) that holds the engine's key."),
    max_temperature: z.number().min(20).max(120).optional().describe('Degrees Celsius above which it rests.'),
    min_vram_free: size.optional().describe('GPU memory that must be free, such as `2 GiB`.'),
  })
  .describe('An engine as this node uses it.')

export type WorkerFile = z.output<typeof workerSchema>
