import assert from 'node:assert/strict'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type PrivateFileInit, readPrivateFile } from '../../../home/private-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const INIT: PrivateFileInit = {
  what: 'secret',
  maxBytes: 10,
  unusable: () => new RealmeshError('KEY_FILE_BAD', 'no secret'),
}

describe('a private file', () => {
  const folder = temporaryFolder()
  const path = (): string => folder.path('secret')

  it('is read when only its owner may', async () => {
    await writeFile(path(), 'hush', { mode: 0o600 })
    assert.equal((await readPrivateFile(path(), INIT))?.toString(), 'hush')
    await chmod(path(), 0o400)
    assert.equal((await readPrivateFile(path(), INIT))?.toString(), 'hush')
  })

  it('is none where there is none', async () => {
    assert.equal(await readPrivateFile(path(), INIT), undefined)
  })

  it('is not missing where a link leads to one that is gone: no new one is made for it', async () => {
    await symlink(folder.path('unmounted'), path())
    await assert.rejects(readPrivateFile(path(), INIT), {
      code: 'KEY_FILE_BAD',
      message: `cannot read the secret ${path()}: it is a link to a file that is not there`,
    })
  })

  for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601]) {
    it(`is refused with mode ${mode.toString(8)}, and says what to do`, async () => {
      await writeFile(path(), 'hush')
      await chmod(path(), mode)
      await assert.rejects(readPrivateFile(path(), INIT), {
        code: 'KEY_FILE_LAX',
        message: `the secret ${path()} has mode 0${mode.toString(8)}: others could use it`,
        fix: `chmod 600 ${path()}`,
      })
      await assert.rejects(readPrivateFile(path(), { ...INIT, laxFix: 'make a new one' }), { fix: 'make a new one' })
    })
  }

  it('may be read by others where only writing matters', async () => {
    await writeFile(path(), 'hush')
    await chmod(path(), 0o644)
    assert.equal((await readPrivateFile(path(), { ...INIT, refused: 0o022 }))?.toString(), 'hush')
    await chmod(path(), 0o664)
    await assert.rejects(readPrivateFile(path(), { ...INIT, refused: 0o022 }), { code: 'KEY_FILE_LAX' })
  })

  it('is not read when it is too long to be what it should', async () => {
    await writeFile(path(), 'x'.repeat(11), { mode: 0o600 })
    await assert.rejects(readPrivateFile(path(), INIT), { code: 'KEY_FILE_BAD', message: 'no secret' })
  })

  it('says so when it is a folder', async () => {
    await mkdir(path(), { mode: 0o700 })
    await assert.rejects(readPrivateFile(path(), { ...INIT, maxBytes: 100_000 }), {
      code: 'KEY_FILE_BAD',
      message: /cannot read the secret .*: EISDIR/,
    })
  })
})
