/** The hashed API keys of the gateway, as a file of the operator's. The keys themselves are nowhere. */
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { RealmeshError } from '../core/realmesh-error.ts'
import { SCOPES } from '../core/scope.ts'
import { codeOf } from '../core/thrown.ts'
import { atomicWrite } from './atomic-write.ts'

/** More keys than one node's users need; keeps the comparison of every request bounded. */
const MAX_KEYS = 1_000

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
})

const file = z.strictObject({ keys: z.array(apiKey).max(MAX_KEYS) })

export type ApiKeyRecord = z.output<typeof apiKey>

/** The records in `path`; none when there is no such file. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function readApiKeys(path: string): Promise<readonly ApiKeyRecord[]> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw bad(path, cause)
  })
  if (handle === undefined) return []
  try {
    const { mode } = await handle.stat()
    // Whoever may write the file lets himself in.
    if (process.platform !== 'win32' && (mode & 0o022) !== 0) {
      throw new RealmeshError('KEY_FILE_LAX', `others may write the API keys ${path}`, { fix: `chmod 600 ${path}` })
    }
    return file.parse(JSON.parse(await handle.readFile('utf8'))).keys
  } catch (cause) {
    throw cause instanceof RealmeshError ? cause : bad(path, cause)
  } finally {
    await handle.close()
  }
}

/** Replaces the records in `path`. */
export async function writeApiKeys(path: string, keys: readonly ApiKeyRecord[]): Promise<void> {
  await atomicWrite(path, `${JSON.stringify({ keys }, undefined, 2)}\n`, { mode: 0o600 })
}

function bad(path: string, cause: unknown): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `${path} holds no API keys`, {
    fix: `remove ${path} and make new keys with: realmesh keys add`,
    cause,
  })
}
