/**
 * The key of a private swarm, as IPFS and libp2p write it: three lines of text, the last of them 32 random bytes. A
 * node without the same key cannot even begin to speak with one that has it.
 */
import { randomBytes } from 'node:crypto'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { atomicWrite } from '../atomic-write.ts'
import type { HomeFolder } from '../home-folder.ts'
import { readPrivateFile } from '../private-file.ts'

export const SWARM_KEY_BYTES = 32

/** Three short lines; what is longer is something else. */
const MAX_FILE_BYTES = 1024

const HEADER = '/key/swarm/psk/1.0.0/'

/** How the third line is written, by the second. */
const CODECS: Readonly<Record<string, 'hex' | 'base64'>> = { '/base16/': 'hex', '/base64/': 'base64' }

/** A new key. */
export function newSwarmKey(): Uint8Array {
  return new Uint8Array(randomBytes(SWARM_KEY_BYTES))
}

/** The key as such a file holds it. */
export function swarmKeyText(key: Uint8Array): string {
  return `${HEADER}\n/base16/\n${Buffer.from(key).toString('hex')}\n`
}

/** The key of a file's text; undefined when it is none. */
export function parseSwarmKey(text: string): Uint8Array | undefined {
  const [header, codec = '', body = ''] = text.trim().split(/\r?\n/)
  const encoding = CODECS[codec.trim()]
  if (header?.trim() !== HEADER || encoding === undefined) return undefined
  const key = Buffer.from(body.trim(), encoding)
  const isWhole =
    key.byteLength === SWARM_KEY_BYTES && key.toString(encoding) === body.trim().replace(/^[A-F0-9]+$/, lower)
  return isWhole ? new Uint8Array(key) : undefined
}

/**
 * The key of the swarm that a node is in: in the file that its configuration names, which must be there, else in the
 * home. Undefined: the swarm is open. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`.
 */
export async function readSwarmKey(
  home: Pick<HomeFolder, 'swarmKey'>,
  file: string | undefined,
): Promise<Uint8Array | undefined> {
  const path = file ?? home.swarmKey
  const unusable = (): RealmeshError =>
    new RealmeshError('KEY_FILE_BAD', `the swarm key ${path} is none`, {
      fix: `copy the file of another node of the swarm; it begins with ${HEADER}`,
    })
  const bytes = await readPrivateFile(path, { what: 'swarm key', maxBytes: MAX_FILE_BYTES, unusable })
  if (bytes === undefined && file === undefined) return undefined
  if (bytes === undefined) {
    throw new RealmeshError('KEY_FILE_BAD', `there is no swarm key ${path}`, {
      fix: 'copy the file of another node of the swarm there, or take node.swarm_key out of the configuration',
    })
  }
  const key = parseSwarmKey(bytes.toString('utf8'))
  if (key === undefined) throw unusable()
  return key
}

/** Keeps a key, for its owner's eyes alone. */
export async function writeSwarmKey(path: string, key: Uint8Array): Promise<void> {
  await atomicWrite(path, swarmKeyText(key), { mode: 0o600 })
}

function lower(hex: string): string {
  return hex.toLowerCase()
}
