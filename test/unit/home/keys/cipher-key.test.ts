import assert from 'node:assert/strict'
import { chmod, stat, writeFile } from 'node:fs/promises'
import { loadOrCreateCipherKey } from '../../../../home/keys/cipher-key.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

describe('the key of kept texts', () => {
  const folder = temporaryFolder()

  it('is made once, of 32 bytes, and only its owner can read it', async () => {
    const key = await loadOrCreateCipherKey(folder.path('key'))
    assert.equal(key.length, 32)
    assert.deepEqual(await loadOrCreateCipherKey(folder.path('key')), key)
    assert.equal((await stat(folder.path('key'))).mode & 0o777, 0o600)
  })

  it('is refused when others may read it', async () => {
    await loadOrCreateCipherKey(folder.path('key'))
    await chmod(folder.path('key'), 0o644)
    await assert.rejects(loadOrCreateCipherKey(folder.path('key')), { code: 'KEY_FILE_LAX' })
  })

  for (const content of ['', 'not a key', Buffer.alloc(31).toString('base64'), 'a'.repeat(10_000)]) {
    it(`is never replaced by a new one: ${content.length} characters that are no key`, async () => {
      await writeFile(folder.path('key'), content, { mode: 0o600 })
      await assert.rejects(loadOrCreateCipherKey(folder.path('key')), { code: 'KEY_FILE_BAD' })
    })
  }
})
