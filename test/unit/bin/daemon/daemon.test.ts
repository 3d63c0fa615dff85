import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { GatewayClient } from '../../../../bin/client/gateway-client.ts'
import { type Daemon, startDaemon } from '../../../../bin/daemon/daemon.ts'
import { silentLogger } from '../../../../core/logger.ts'
import { homeFolder } from '../../../../home/home-folder.ts'
import { putCertificate } from '../../../support/certificates.ts'
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
      createLog: async () => ({ log, tell: () => {}, setLevel: () => {} }),
    })
  })

  afterEach(async () => {
    await daemon.drainAndStop()
  })

  it('writes no change with which it would not start again', async () => {
    const { config } = daemon.node.control
    await assert.rejects(config.set('node.rentahal.page', folder.path('nowhere')), { code: 'CONFIG_INVALID' })
    await assert.rejects(config.set('node.http', '0.0.0.0:0'), { code: 'BIND_REFUSED' })
    assert.equal(await readFile(file, 'utf8'), ALONE)
    assert.equal((await config.set('node.name', 'desk')).lasts, 'written')
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

describe('a daemon with a certificate', () => {
  const folder = temporaryFolder()
  const files = () => ({ cert: folder.path('tls.crt'), key: folder.path('tls.key') })
  const home = () => homeFolder(folder.path('h'), {})
  let daemon: Daemon
  beforeEach(async () => {
    await putCertificate(files(), 'one')
    await writeFile(folder.path('realms.yml'), ALONE)
    daemon = await startDaemon({
      home: home(),
      flags: { tlsCert: files().cert, tlsKey: files().key },
      env: {},
      configFile: folder.path('realms.yml'),
      createLog: async () => ({ log: silentLogger, tell: () => {}, setLevel: () => {} }),
    })
  })
  afterEach(() => daemon.drainAndStop())

  const workers = async (): Promise<unknown> => (await GatewayClient.connectAsOperator(home())).act('workers/list')

  it('tells its address by https, and is reached there by the commands of its home', async () => {
    assert.match(daemon.ready.http, /^https:\/\/127\.0\.0\.1:/)
    assert.deepEqual(daemon.programs, [daemon.ready.http])
    assert.deepEqual(await workers(), { workers: [] })
  })

  it('is reached when the certificate has changed, and when a bad one was refused', async () => {
    await putCertificate(files(), 'two')
    assert.deepEqual((await daemon.reload()).problems, [])
    assert.deepEqual(await workers(), { workers: [] })
    await writeFile(files().key, 'half')
    assert.match((await daemon.reload()).problems.join(), /tls\.key holds no private key/)
    assert.deepEqual(await workers(), { workers: [] })
  })

  it('is told from another program with a certificate at its address', async () => {
    const record = JSON.parse(await readFile(home().runtimeFile, 'utf8')) as object
    await writeFile(home().runtimeFile, JSON.stringify({ ...record, fingerprints: [] }))
    await assert.rejects(workers(), { code: 'FORBIDDEN' })
  })
})
