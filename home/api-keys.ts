/** The hashed API keys of the gateway, as a file of the operator's. The keys themselves are nowhere. */
import { z } from 'zod'
import { RealmeshError } from '../core/realmesh-error.ts'
import { SCOPES } from '../core/scope.ts'
import { atomicWrite } from './atomic-write.ts'
import { readPrivateFile } from './private-file.ts'

/** More keys than one node's users need; keeps the file and what is counted bounded. */
const MAX_KEYS = 1_000

/** A record takes some 300 bytes, label and line breaks included; with the longest lists of names 27,000. */
const MAX_FILE_BYTES = 32_000 * MAX_KEYS

/** Who may write the file makes keys of their own; to read it tells hashes only. */
const OTHERS_MAY_WRITE = 0o022

/** Longest list of patterns or realms of one key: with a thousand keys the file stays small. */
const MAX_NAMES = 64

const names = z.array(z.string().min(1).max(200)).max(MAX_NAMES)

/** More than any machine counts; small enough to be exact. */
const count = z.int().min(1).max(1e12)

const apiKey = z.strictObject({
  /** Lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The first characters, by which people tell keys apart. */
  prefix: z.string().max(16),
  label: z.string().max(64).optional(),
  /** ISO 8601. */
  created: z.string(),
  /** The widest scope that queries under this key may have; absent: what the node allows. */
  scope: z.enum(SCOPES).optional(),
  /** ISO 8601, from which on it opens nothing; absent: never. */
  expires: z.iso.datetime().optional(),
  /** Patterns of the models that it is for; absent: every model. */
  models: names.optional(),
  /** The realms that it is for; absent: every realm. */
  realms: names.optional(),
  /** Requests of every kind. Each absent limit: none. */
  requests_per_minute: count.optional(),
  /** Tokens of prompts and answers together. */
  tokens_per_minute: count.optional(),
  /** From midnight to midnight UTC. */
  tokens_per_day: count.optional(),
  /** Queries at once. */
  concurrent: count.optional(),
})

/** What an operator may say of a key; null takes away what was said before. */
export const apiKeyWish = z.strictObject({
  label: apiKey.shape.label.nullable(),
  scope: apiKey.shape.scope.nullable(),
  expires: apiKey.shape.expires.nullable(),
  models: apiKey.shape.models.nullable(),
  realms: apiKey.shape.realms.nullable(),
  requests_per_minute: apiKey.shape.requests_per_minute.nullable(),
  tokens_per_minute: apiKey.shape.tokens_per_minute.nullable(),
  tokens_per_day: apiKey.shape.tokens_per_day.nullable(),
  concurrent: apiKey.shape.concurrent.nullable(),
})

const file = z.strictObject({ keys: z.array(apiKey).max(MAX_KEYS) })

export type ApiKeyRecord = z.output<typeof apiKey>

export interface ReadApiKeysInit {
  /** Whether a file that is not there is an error: for whom it has been there. @default false: it holds no keys */
  readonly mustExist?: boolean
}

/** The records in `path`; none when there is no such file. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function readApiKeys(path: string, init: ReadApiKeysInit = {}): Promise<readonly ApiKeyRecord[]> {
  const bytes = await readPrivateFile(path, {
    what: 'file of API keys',
    maxBytes: MAX_FILE_BYTES,
    unusable: () => notApiKeys(path),
    refused: OTHERS_MAY_WRITE,
  })
  if (bytes === undefined && init.mustExist === true) throw gone(path)
  if (bytes === undefined) return []
  try {
    return file.parse(JSON.parse(bytes.toString('utf8'))).keys
  } catch (cause) {
    throw notApiKeys(path, cause)
  }
}

/** Replaces the records in `path`. */
export async function writeApiKeys(path: string, keys: readonly ApiKeyRecord[]): Promise<void> {
  await atomicWrite(path, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: 0o600 })
}

function gone(path: string): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `the file of API keys ${path} is gone; the keys in it stay in force`, {
    fix: 'put it back, or make a new one with: realmesh keys add',
  })
}

function notApiKeys(path: string, cause?: unknown): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `${path} holds no API keys`, {
    fix: `remove ${path} and make new keys with: realmesh keys add`,
    cause,
  })
}
