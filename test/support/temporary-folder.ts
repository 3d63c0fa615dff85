import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A fresh folder per test of the surrounding `describe`, removed after it. Call inside `describe`; use `path()` in
 * tests.
 */
export function temporaryFolder(): { path: (...below: string[]) => string } {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-unit-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })
  return { path: (...below) => join(folder, ...below) }
}
