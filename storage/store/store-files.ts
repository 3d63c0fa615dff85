/**
 * The files beside the stores: markers, witnesses, copies. One small interface, so that a test can make the Nth call
 * fail. Folders are made 0700 and files 0600: what lies here is private.
 */
import { constants, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../../core/thrown.ts'
import { atomicWrite, syncFolder } from '../../home/atomic-write.ts'

/** A file held open for small synced writes in place. */
export interface StoreFile {
  writeSynced(bytes: Uint8Array, position: number): Promise<void>
  close(): Promise<void>
}

export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
}

export interface StoreFiles {
  /** With its parents; twice is harmless. */
  makeFolder(path: string): Promise<void>
  /** Undefined when there is no such file. */
  read(path: string): Promise<Buffer | undefined>
  /** Through a temporary file, synced, then renamed: the old content or the new, never a mixture. */
  writeAtomic(path: string, bytes: Uint8Array | string): Promise<void>
  openFile(path: string): Promise<StoreFile>
  /** Names in a folder; undefined when there is none. */
  list(path: string): Promise<readonly string[] | undefined>
  exists(path: string): Promise<boolean>
  size(path: string): Promise<number>
  copy(from: string, to: string): Promise<void>
  /** The same file under a second name where the file system can, a copy elsewhere. */
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** A file or a whole folder; no complaint when it is not there. */
  remove(path: string): Promise<void>
  /** A file of `bytes` zeros that truly takes the space. */
  fill(path: string, bytes: number): Promise<void>
  space(path: string): Promise<Space>
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

async function statOf(path: string): Promise<Stats | undefined> {
  return await fs.stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

/**
 * With it a write returns when it is on the medium: one hop to the thread pool instead of two. Elsewhere it means less,
 * or nothing.
 */
const SYNCED_WRITES = process.platform === 'linux' ? constants.O_DSYNC : undefined

/** Written in pieces: one buffer of the whole reserve would double the memory of a small node. */
const FILL_CHUNK = 1 << 20

/** The machine's own files. */
export const diskFiles: StoreFiles = {
  makeFolder: async (path) => {
    await fs.mkdir(path, { recursive: true, mode: 0o700 })
  },
  read: async (path) =>
    await fs.readFile(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    }),
  writeAtomic: (path, bytes) => atomicWrite(path, bytes, { mode: 0o600 }),
  openFile: async (path) => {
    const file = await fs.open(path, SYNCED_WRITES === undefined ? 'r+' : constants.O_RDWR | SYNCED_WRITES)
    return {
      writeSynced: async (bytes, position) => {
        await file.write(bytes, 0, bytes.length, position)
        if (SYNCED_WRITES === undefined) await file.datasync()
      },
      close: () => file.close(),
    }
  },
  list: async (path) =>
    await fs.readdir(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    }),
  exists: async (path) => (await statOf(path)) !== undefined,
  size: async (path) => (await statOf(path))?.size ?? 0,
  copy: async (from, to) => {
    await fs.copyFile(from, to, constants.COPYFILE_FICLONE)
  },
  link: async (from, to) => {
    await fs.link(from, to).catch(async () => {
      await fs.copyFile(from, to)
    })
  },
  rename: async (from, to) => {
    await fs.rename(from, to)
    await syncFolder(dirname(to))
  },
  remove: async (path) => {
    await fs.rm(path, { recursive: true, force: true })
  },
  fill: async (path, bytes) => {
    const file = await fs.open(path, 'w', 0o600)
    try {
      const chunk = Buffer.alloc(Math.min(FILL_CHUNK, bytes))
      for (let left = bytes; left > 0; left -= chunk.length) await file.write(chunk, 0, Math.min(left, chunk.length))
      await file.sync()
    } finally {
      await file.close()
    }
  },
  space: async (path) => {
    const found = await fs.statfs(path)
    return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize }
  },
}
