/** Writes a file so that a reader, or a crash, sees either the old content or the new one, never a part. */
import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RealmeshError } from '../core/realmesh-error.ts'
import { codeOf } from '../core/thrown.ts'

export interface AtomicWriteInit {
  /** Mode of the file. Default: that of the file that is replaced, else 0600. */
  readonly mode?: number
  /** Asked when all is written and only the file's place is left to take; by throwing it leaves the old one there. */
  readonly confirm?: () => Promise<void>
}

/**
 * Temporary file in the same folder, fsync, rename, fsync of the folder. A symbolic link is followed and stays a link.
 * Resolves when the new content survives a power cut. Throws `STORAGE_FULL` when there is no room for it.
 */
export async function atomicWrite(
  path: string,
  content: string | Uint8Array,
  init: AtomicWriteInit = {},
): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const mode = init.mode ?? (await modeOf(target)) ?? 0o600
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.chmod(mode)
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await init.confirm?.()
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw writeError(error, target)
  }
  await syncFolder(dirname(target))
}

/** A full disk as an error with a fix; everything else as it is, for the caller knows what the file is. */
export function writeError(thrown: unknown, path: string): unknown {
  const code = codeOf(thrown)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown
  return new RealmeshError('STORAGE_FULL', `no space left on the disk to write ${path}`, {
    fix: 'free some space there, or give --home a folder on another disk',
    cause: thrown,
  })
}

async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found === undefined ? undefined : found.mode & 0o777
}

/**
 * What was renamed in a folder survives a power cut. Windows cannot open a folder; there the rename itself is
 * journalled.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
