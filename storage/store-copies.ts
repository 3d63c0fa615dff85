/** Copies of a closed LevelDB folder: by hard link where nothing will write to the files, by copy where something will. */
import { join } from 'node:path'
import type { StoreFiles } from './store-files.ts'

/** LevelDB never changes a table once it is written; everything else it appends to or replaces. */
const IMMUTABLE = /\.(ldb|sst)$/
/** Says nothing about the data. `lost` is where a repair puts what it could not use. */
const IGNORED = /^(LOCK|LOG|LOG\.old|lost)$/

async function each(files: StoreFiles, from: string, to: string, task: (name: string) => Promise<void>): Promise<void> {
  await files.makeFolder(to)
  for (const name of (await files.list(from)) ?? []) if (!IGNORED.test(name)) await task(name)
}

/** Keeps the present content of `from` under `to`, whatever LevelDB does to `from` afterwards. Cheap: tables are linked. */
export async function linkStore(files: StoreFiles, from: string, to: string): Promise<void> {
  await each(files, from, to, async (name) => {
    const put = IMMUTABLE.test(name) ? files.link : files.copy
    await put(join(from, name), join(to, name))
  })
}

/** A copy that may be written to, a repair included. */
export async function copyStore(files: StoreFiles, from: string, to: string): Promise<void> {
  await each(files, from, to, (name) => files.copy(join(from, name), join(to, name)))
}
