import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { readRuntimeFile, writeRuntimeFile } from '../../../home/runtime-file.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('runtime file', () => {
  const folder = temporaryFolder()
  const home = (): { runtimeFile: string; configFolder: string } => ({
    runtimeFile: folder.path('daemon.json'),
    configFolder: folder.path(),
  })
  const record = { pid: 7, http: 'http://127.0.0.1:5000', peerId: '12D3KooW', startedAt: 1 }

  it('says where the daemon is until the daemon removes it', async () => {
    const remove = await writeRuntimeFile(home(), record)
    assert.deepEqual(await readRuntimeFile(home()), record)
    assert.equal((await stat(home().runtimeFile)).mode & 0o777, 0o600)
    await remove()
    await assert.rejects(readRuntimeFile(home()), { code: 'DAEMON_NOT_RUNNING', fix: /realmesh up/ })
  })

  it('is not removed by a daemon that it no longer speaks of', async () => {
    const remove = await writeRuntimeFile(home(), record)
    await writeRuntimeFile(home(), { ...record, pid: 8 })
    await remove()
    assert.equal((await readRuntimeFile(home())).pid, 8)
  })

  for (const text of ['', '{}', 'null', '[]', '{"pid":1,"http":"file:///etc","peerId":"x","startedAt":1}', '{"pid":']) {
    it(`counts ${text === '' ? 'an empty file' : text} as no daemon`, async () => {
      await writeFile(home().runtimeFile, text)
      await assert.rejects(readRuntimeFile(home()), { code: 'DAEMON_NOT_RUNNING' })
    })
  }
})
