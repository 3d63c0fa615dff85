/**
 * The form of what the admin routes take. What stands in the file's form (workers, realms, their names) the node checks
 * itself.
 */
import { z } from 'zod'
import { boundedList } from '../../core/json/bounded-list.ts'

/** Timers count no further than 24.8 days. */
const MAX_PAUSE_MS = 24 * 86_400_000

/** Longest path that Linux opens. */
const MAX_PATH = 4_096

/** Longest GUID that the user data knows. */
const MAX_GUID = 4_096

/** More shards than this are of no use on one machine. */
const MAX_SHARDS = 1_000

/** Longer than any name of ours, found workers' included. */
const MAX_NAME = 256

const name = z.string().min(1).max(MAX_NAME)

const guid = z.string().min(1).max(MAX_GUID)

export const nothing = z.strictObject({})

export const pause = z.strictObject({
  ms: z.int().min(1).max(MAX_PAUSE_MS, 'expected at most 24 days; leave it out to pause until resume').optional(),
})

export const worker = z.strictObject({ worker: z.looseObject({}) })

/** Workers that the node found are named by it, after the engine's kind and place. */
export const named = z.strictObject({ name })

export const realm = z.strictObject({ name, realm: z.looseObject({}) })

/** A month: an invitation is a key that lies about. */
const MAX_INVITATION_HOURS = 24 * 31

/** More nodes than a household has. */
const MAX_INVITATION_USES = 100

export const invitation = z.strictObject({
  kind: z.literal('home'),
  hours: z.number().min(0.1).max(MAX_INVITATION_HOURS),
  uses: z.int().min(1).max(MAX_INVITATION_USES),
  for: z.string().min(1).max(64).optional(),
})

export const namedInvitation = z.strictObject({ id: z.string().min(1).max(64) })

export const followedInvitation = z.strictObject({ text: z.string().min(1).max(4_096) })

export const shard = z
  .strictObject({ name, connection_string: z.string().min(1).max(MAX_PATH).optional() })
  .transform(({ name, connection_string }) => ({ name, connectionString: connection_string ?? `level:${name}` }))

export const shardNames = z.strictObject({ names: boundedList(z.string(), { min: 1, max: MAX_SHARDS }).optional() })

export const user = z.strictObject({ guid })

export const userSettings = z.strictObject({ guid, history: z.boolean() })

export const folder = z.strictObject({
  directory: z
    .string()
    .max(MAX_PATH)
    .refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), 'expected an absolute path'),
})
