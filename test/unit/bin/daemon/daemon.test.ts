import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { type Daemon, startDaemon } from '../../../../bin/daemon/daemon.ts'
import { silentLogger } from '../../../../core/logger.ts'
import { homeFolder } from '../../../../home/home-folder.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const ALONE = [
  'node:',
  '  http: 127.0.0.1:0',
  '  listen: [/ip4/127.0.0.1/tcp/0]',
  '  mdns: false',
  '  detect: false',
  '  builtin: false',
  'user_data:',
  '  reserve: 1MB # a test leaves the rest of the disk to others',
].join('\n')

describe('a daemon that reads its configuration again', () => {
  const folder = temporaryFolder()
  const lines: (readonly [fields: object, message: string])[] = []
  const warnings: string[] = []
  let daemon: Daemon
  let file: string

  beforeEach(async () => {
    lines.length = 0
    warnings.length = 0
    file = folder.path('realms.yml')
    await writeFile(file, ALONE)
    const log = {
      ...silentLogger,
      info: (fields: object, message: string) => void lines.push([fields, message]),
      warn: (_fields: object, message: string) => void warnings.push(message),
    }
    daemon = await startDaemon({
      home: homeFolder(folder.path('h'), {}),
      flags: {},
      env: {},
      configFile: file,
      createLog: async () => ({ log, setLevel: () => {} }),
    })
  })

  afterEach(async () => {
    await daemon.drainAndStop()
  })

  it('logs the names of what is in force, and gives back what waits for a restart', async () => {
    await writeFile(file, ALONE.replace('mdns: false', 'mdns: true\n  scope: local'))
    assert.deepEqual((await daemon.reload()).restart, ['node.mdns'])
    assert.deepEqual(lines.at(-1), [{ applied: ['node.scope'] }, 'these changes are in force'])
  })

  it('logs what the file wants and cannot have, and puts the rest into force', async () => {
    const worker = 'workers: [{ name: desk, engine: ollama, url: "http://127.0.0.1:1", key_env: NO_SUCH_VARIABLE }]'
    await writeFile(file, `${ALONE.replace('mdns', 'scope: local\n  mdns')}\n${worker}`)
    assert.deepEqual((await daemon.reload()).restart, [])
    assert.ok(warnings.some((line) => line.startsWith('workers.desk: the environment variable NO_SUCH_VARIABLE')))
    assert.deepEqual(lines.at(-1), [{ applied: ['node.scope'] }, 'these changes are in force'])
  })

  it('says so when there is nothing to put into force', async () => {
    assert.deepEqual((await daemon.reload()).restart, [])
    assert.deepEqual(lines.at(-1), [{ applied: [] }, 'configuration read again: nothing changed'])
  })
})
