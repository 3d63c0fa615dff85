/**
 * Copies of a closed LevelDB folder: by hard link where nothing writes to the files in place, by copy where something
 * will.
 */
import { join } from 'node:path'
import type { StoreFiles } from './store-files.ts'

/** Says nothing about the data. `lost` is where a repair puts what it could not use. */
const IGNORED = /^(LOCK|LOG|LOG\.old|lost)$/

async function each(files: StoreFiles, from: string, to: string, task: (name: string) => Promise<void>): Promise<void> {
  await files.makeFolder(to)
  for (const name of (await files.list(from)) ?? []) if (!IGNORED.test(name)) await task(name)
}

/**
 * Keeps the present content of `from` under `to`, whatever LevelDB does to `from` afterwards. Links will do: an opening
 * LevelDB writes a new log, a new MANIFEST and new tables, renames a new CURRENT into place, and only ever deletes the
 * old ones.
 */
export async function linkStore(files: StoreFiles, from: string, to: string): Promise<void> {
  await each(files, from, to, (name) => files.link(join(from, name), join(to, name)))
}

/** A copy that may be written to, a repair included. */
export async function copyStore(files: StoreFiles, from: string, to: string): Promise<void> {
  await each(files, from, to, (name) => files.copy(join(from, name), join(to, name)))
}
