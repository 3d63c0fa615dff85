import assert from 'node:assert/strict'
import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { atomicWrite, writeError } from '../../../home/atomic-write.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('atomicWrite', () => {
  const folder = temporaryFolder()

  it('makes a file that only its owner may read', async () => {
    await atomicWrite(folder.path('f'), 'one')
    assert.equal((await stat(folder.path('f'))).mode & 0o777, 0o600)
    assert.equal(await readFile(folder.path('f'), 'utf8'), 'one')
  })

  it('keeps the mode of the file that it replaces', async () => {
    await writeFile(folder.path('f'), 'old', { mode: 0o640 })
    await atomicWrite(folder.path('f'), 'new')
    assert.equal((await stat(folder.path('f'))).mode & 0o777, 0o640)
  })

  it('writes through a symbolic link and leaves the link', async () => {
    await writeFile(folder.path('real'), 'old')
    await symlink(folder.path('real'), folder.path('link'))
    await atomicWrite(folder.path('link'), 'new')
    assert.ok((await lstat(folder.path('link'))).isSymbolicLink())
    assert.equal(await readFile(folder.path('real'), 'utf8'), 'new')
  })

  it('leaves nothing behind when it fails', async () => {
    await mkdir(folder.path('taken', 'below'), { recursive: true })
    await assert.rejects(atomicWrite(folder.path('taken'), 'x'))
    assert.deepEqual(await readdir(folder.path()), ['taken'])
  })

  it('shows a reader whole contents only, however often it is written', async () => {
    const path = folder.path('f')
    await atomicWrite(path, 'a'.repeat(100_000))
    const writes = (async () => {
      for (const letter of 'bcdefgh') await atomicWrite(path, letter.repeat(100_000))
    })()
    let done = false
    void writes.then(() => {
      done = true
    })
    while (!done) {
      const text = await readFile(path, 'utf8')
      assert.equal(text, text.charAt(0).repeat(100_000))
    }
    await writes
  })

  it('says that the disk is full, and leaves other errors as they are', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const told = writeError(full, '/h/data/identity.key')
    assert.ok(told instanceof RealmeshError)
    assert.equal(told.code, 'STORAGE_FULL')
    assert.match(told.message, /identity\.key/)
    assert.equal(writeError(told, '/h'), told)
  })
})
