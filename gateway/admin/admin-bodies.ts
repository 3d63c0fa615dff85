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

/** As long as a file of the configuration may be. */
const MAX_CONFIG_CHARACTERS = 2 ** 20

const name = z.string().min(1).max(MAX_NAME)

const guid = z.string().min(1).max(MAX_GUID)

export const nothing = z.strictObject({})

export const pause = z.strictObject({
  ms: z.int().min(1).max(MAX_PAUSE_MS, 'expected at most 24 days; leave it out to pause until resume').optional(),
})

/** How long a change is to hold: `Lasts` of the node. */
const lasts = z.enum(['written', 'until the restart']).optional()

export const worker = z.strictObject({ worker: z.looseObject({}), lasts })

/** Workers that the node found are named by it, after the engine's kind and place. */
export const named = z.strictObject({ name })

export const removed = z.strictObject({ name, lasts })

/** A worker that runs, by its name, or one that could be added. */
export const tested = z.union([
  z.strictObject({ name, worker: z.undefined().optional() }),
  z.strictObject({ worker: z.looseObject({}), name: z.undefined().optional() }),
])

export const realm = z.strictObject({ name, realm: z.looseObject({}), lasts })

export const realmChanges = z.strictObject({ name, changes: z.looseObject({}), lasts })

export const poolSet = z.strictObject({ realm: name, name, pool: z.looseObject({}).default({}), lasts })

export const poolNamed = z.strictObject({ realm: name, name, lasts })

export const poolMember = z.strictObject({ realm: name, name, worker: name, lasts })

/** Its id, what the owner calls it, or the end of its id. */
export const peer = z.strictObject({ peer: name, lasts })

export const peerName = z.strictObject({ peer: name, name: name.nullable(), lasts })

export const friend = z
  .strictObject({ peer: name.optional(), federation: name.optional(), until: z.string().max(64).optional(), lasts })
  .refine(({ peer, federation }) => (peer === undefined) !== (federation === undefined), {
    error: 'expected either peer or federation',
  })

export const configPath = z.strictObject({ path: z.string().max(MAX_PATH).optional() })

/** Any JSON; null takes out what stands there. */
const given = z.unknown().refine((value) => value !== undefined, 'expected a value, or null')

export const configValue = z.strictObject({ path: z.string().min(1).max(MAX_PATH), value: given })

export const configText = z.strictObject({ text: z.string().max(MAX_CONFIG_CHARACTERS).optional() })

/** In the form of the file of keys, without hash and date; the node's side checks it. */
export const keyWish = z.strictObject({ key: z.looseObject({}).default({}) })

export const keyChange = z.strictObject({ name, changes: z.looseObject({}) })

/** A month: an invitation is a key that lies about. */
const MAX_INVITATION_HOURS = 24 * 31

/** More nodes than a household has. */
const MAX_INVITATION_USES = 100

export const invitation = z.strictObject({
  kind: z.enum(['home', 'friend']),
  hours: z.number().min(0.1).max(MAX_INVITATION_HOURS),
  uses: z.int().min(1).max(MAX_INVITATION_USES),
  for: z.string().min(1).max(64).optional(),
})

export const namedInvitation = z.strictObject({ id: z.string().min(1).max(64) })

export const followedInvitation = z.strictObject({ text: z.string().min(1).max(4_096) })

/** A peer by its id, the end of it, or its name. */
export const pairing = z.strictObject({ peer: name, kind: z.enum(['home', 'friend']).default('home') })

/** Without digits: no. */
export const pairingAnswer = z.strictObject({ peer: name, digits: z.string().max(16).optional() })

export const pairingSeen = z.strictObject({
  peer: name,
  state: z.enum(['asks', 'asked', 'compare', 'agreed', 'paired', 'failed']),
})

export const shard = z
  .strictObject({ name, connection_string: z.string().min(1).max(MAX_PATH).optional() })
  .transform(({ name, connection_string }) => ({ name, connectionString: connection_string ?? `level:${name}` }))

export const shardNames = z.strictObject({ names: boundedList(z.string(), { min: 1, max: MAX_SHARDS }).optional() })

/** `guid` may be a handle in its place. */
export const user = z.strictObject({ guid })

export const userSettings = z.strictObject({ guid, history: z.boolean() })

export const userSysop = z.strictObject({ guid, on: z.boolean() })

/** Queries of one page: more than a person reads. */
const MAX_PAGE = 1_000

export const userHistory = z.strictObject({
  guid,
  limit: z.int().min(1).max(MAX_PAGE).default(100),
  before: z.number().optional(),
  texts: z.boolean().optional(),
  served: z.boolean().optional(),
})

export const userCredit = z.strictObject({
  guid,
  credits: z.number(),
  id: z.string().min(1).max(128).optional(),
  note: z.string().max(1_024).optional(),
})

export const whichQueries = z
  .strictObject({ id: z.string().min(1).max(128).optional(), user: guid.optional() })
  .refine(({ id, user }) => id !== undefined || user !== undefined, { error: 'expected id, user, or both' })

export const folder = z.strictObject({
  directory: z
    .string()
    .max(MAX_PATH)
    .refine((path) => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path), 'expected an absolute path'),
})
