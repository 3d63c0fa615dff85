/**
 * The operator's token: 256 random bits in a file of mode 0600. A process that can read the file may pause the node and
 * erase its users, so a file that others may read is refused, not repaired. The token is never printed, logged or
 * passed on a command line.
 */
import { createHash, randomBytes } from 'node:crypto'
import { RealmeshError } from '../core/realmesh-error.ts'
import { atomicWrite } from './atomic-write.ts'
import type { HomeFolder } from './home-folder.ts'
import { readPrivateFile } from './private-file.ts'

/** 256 bits: beyond guessing. */
const TOKEN_BYTES = 32

/** 32 bytes as base64url, without padding. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** A token and its line end take 44 bytes; what is larger is something else. */
const MAX_FILE_BYTES = 256

type TokenHome = Pick<HomeFolder, 'adminToken'>

/**
 * The home's token; made, and kept there with mode 0600, when there is none. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`.
 */
export async function loadOrCreateAdminToken(home: TokenHome): Promise<string> {
  const existing = await readAdminToken(home)
  if (existing !== undefined) return existing
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await atomicWrite(home.adminToken, `${token}\n`, { mode: 0o600 })
  return token
}

/** The home's token; undefined when there is none yet. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function readAdminToken({ adminToken: path }: TokenHome): Promise<string | undefined> {
  const bytes = await readPrivateFile(path, {
    what: 'admin token',
    maxBytes: MAX_FILE_BYTES,
    unusable: () => notAToken(path),
    laxFix: `stop the node and remove ${path}: a new token is made at the next start. If nobody else read it: chmod 600 ${path}`,
  })
  if (bytes === undefined) return undefined
  const token = bytes.toString('utf8').trim()
  if (!TOKEN.test(token)) throw notAToken(path)
  return token
}

/** The form in which the gateway is given the token: SHA-256, lower-case hex. */
export function adminTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function notAToken(path: string): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `${path} holds no admin token`, {
    fix: `remove ${path}: a new token is made at the next start`,
  })
}
