import assert from 'node:assert/strict'
import { chmod, stat, writeFile } from 'node:fs/promises'
import { readApiKeys, writeApiKeys } from '../../../home/api-keys.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('API keys on disk', () => {
  const folder = temporaryFolder()
  const record = { sha256: 'ab'.repeat(32), prefix: 'sk-abcde', created: '2030-01-01T00:00:00.000Z' }

  it('come back as they were written, readable by their owner only', async () => {
    await writeApiKeys(folder.path('keys'), [record])
    assert.deepEqual(await readApiKeys(folder.path('keys')), [record])
    assert.equal((await stat(folder.path('keys'))).mode & 0o777, 0o600)
  })

  it('are none where there is no file', async () => {
    assert.deepEqual(await readApiKeys(folder.path('keys')), [])
  })

  it('are refused when others could add theirs', async () => {
    await writeApiKeys(folder.path('keys'), [record])
    await chmod(folder.path('keys'), 0o620)
    await assert.rejects(readApiKeys(folder.path('keys')), { code: 'KEY_FILE_LAX' })
  })

  for (const text of ['', 'sk-plain', '{"keys":[{"sha256":"short","prefix":"","created":""}]}', '{"keys":{}}']) {
    it(`are refused when the file holds ${text === '' ? 'nothing' : text}`, async () => {
      await writeFile(folder.path('keys'), text, { mode: 0o600 })
      await assert.rejects(readApiKeys(folder.path('keys')), { code: 'KEY_FILE_BAD' })
    })
  }
})
