import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where syncs cost nothing: what is tested is order and outcome, and a killed process loses nothing in either place.
 */
const BASE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A fresh folder for stores, and how to be rid of it at a moment of the test's choosing. */
export function storeFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(BASE, 'realmesh-storage-'))
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true })
    },
  }
}

/** The content of all files below a folder, as one string of bytes: to look whether something is left on the medium. */
export function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}
