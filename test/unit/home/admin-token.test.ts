import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { adminTokenHash, loadOrCreateAdminToken, readAdminToken } from '../../../home/admin-token.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('the admin token', () => {
  const folder = temporaryFolder()
  const home = (): { adminToken: string } => ({ adminToken: folder.path('admin.token') })

  it('has 256 bits, is made once, and can be read by its owner only', async () => {
    const token = await loadOrCreateAdminToken(home())
    assert.equal(Buffer.from(token, 'base64url').length, 32)
    assert.equal((await stat(home().adminToken)).mode & 0o777, 0o600)
    assert.equal(await loadOrCreateAdminToken(home()), token)
    assert.equal(await readAdminToken(home()), token)
  })

  it('differs from home to home', async () => {
    const other = await loadOrCreateAdminToken({ adminToken: folder.path('other') })
    assert.notEqual(await loadOrCreateAdminToken(home()), other)
  })

  it('is none where there is no file, and reading makes none', async () => {
    assert.equal(await readAdminToken(home()), undefined)
    await assert.rejects(stat(home().adminToken), { code: 'ENOENT' })
  })

  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    it(`is refused with mode ${mode.toString(8)}, by the daemon and by commands, without being told`, async () => {
      const token = await loadOrCreateAdminToken(home())
      await chmod(home().adminToken, mode)
      for (const read of [loadOrCreateAdminToken, readAdminToken]) {
        await assert.rejects(read(home()), (error: Error & { code?: string; fix?: string }) => {
          assert.equal(error.code, 'KEY_FILE_LAX')
          assert.match(String(error.fix), /chmod 600/)
          return !`${error.message}${error.fix}${error.stack}`.includes(token)
        })
      }
      assert.equal((await stat(home().adminToken)).mode & 0o777, mode)
    })
  }

  for (const [what, content] of [
    ['an empty file', ''],
    ['a short word', 'hunter2\n'],
    ['two tokens', `${'a'.repeat(43)}\n${'b'.repeat(43)}\n`],
    ['a large file', 'a'.repeat(10_000)],
  ] as const) {
    it(`is refused when ${what} is in its place, and the file is left alone`, async () => {
      await writeFile(home().adminToken, content, { mode: 0o600 })
      await assert.rejects(loadOrCreateAdminToken(home()), { code: 'KEY_FILE_BAD', fix: /a new token is made/ })
      assert.equal(await readFile(home().adminToken, 'utf8'), content)
    })
  }

  it('is given on as a digest', () => {
    assert.equal(adminTokenHash('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})
