/**
 * A small file of the home that holds one JSON value and is its owner's alone. A broken one costs what it held, never a
 * start.
 */
import { readFile } from 'node:fs/promises'
import { codeOf } from '../core/thrown.ts'
import { atomicWrite } from './atomic-write.ts'

/**
 * What `parse` makes of the value; undefined when there is no file, or one that cannot be read, of which `onBroken` is
 * told.
 */
export async function readJsonFile<T>(
  path: string,
  parse: (value: unknown) => T,
  onBroken: (error: unknown) => void,
): Promise<T | undefined> {
  try {
    return parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') onBroken(error)
    return undefined
  }
}

/** Replaces the file as a whole. Throws what the system says. */
export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await atomicWrite(path, `${JSON.stringify(value)}\n`, { mode: 0o600 })
}
