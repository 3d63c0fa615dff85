/** Files that nobody but their owner may read. One that others may use is refused, not repaired: they may have. */
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { RealmeshError } from '../core/realmesh-error.ts'
import { codeOf, messageOf } from '../core/thrown.ts'

/** Any permission of the group or of others. */
const OTHERS_MAY = 0o077

export interface PrivateFileInit {
  /** Names the content in messages, such as `admin token`. */
  readonly what: string
  /** A longer file is something else, bytes. */
  readonly maxBytes: number
  /** The error for a file that holds something else. */
  readonly unusable: () => RealmeshError
  /** Permissions of others for which the file is refused. @default any */
  readonly refused?: number
  /** What to do about a file that others may use. @default `chmod 600 FILE` */
  readonly laxFix?: string
}

/**
 * The content of `path`; undefined when there is no such file, and no link to one that is gone. Throws `KEY_FILE_LAX`
 * when others may use it, `KEY_FILE_BAD` when it cannot be read, and `unusable` when it is too long. On Windows modes
 * mean nothing: there the folder's access list protects the file.
 */
export async function readPrivateFile(path: string, init: PrivateFileInit): Promise<Buffer | undefined> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { mode, size } = await file.stat()
    if (process.platform !== 'win32' && (mode & (init.refused ?? OTHERS_MAY)) !== 0) throw lax(path, mode, init)
    if (size > init.maxBytes) throw init.unusable()
    return await file.readFile()
  } catch (cause) {
    if (cause instanceof RealmeshError) throw cause
    if (codeOf(cause) !== 'ENOENT') throw unreadable(path, cause, init)
    if (await isLink(path)) throw unreadable(path, LINK_TO_NOTHING, init)
    return undefined
  } finally {
    await file?.close()
  }
}

/** What to say of a link whose target is gone, as on a disk that is not mounted. */
export const LINK_TO_NOTHING = 'it is a link to a file that is not there'

/**
 * Whether a path that cannot be opened is a link all the same: its owner has the file elsewhere, and a new one, or the
 * defaults, would be taken for it.
 */
export async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

function unreadable(path: string, cause: unknown, { what }: PrivateFileInit): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `cannot read the ${what} ${path}: ${codeOf(cause) ?? messageOf(cause)}`, {
    fix: `make ${path} a file that this user owns, with mode 600`,
    cause,
  })
}

function lax(path: string, mode: number, { what, laxFix }: PrivateFileInit): RealmeshError {
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  return new RealmeshError('KEY_FILE_LAX', `the ${what} ${path} has mode ${shown}: others could use it`, {
    fix: laxFix ?? `chmod 600 ${path}`,
  })
}
