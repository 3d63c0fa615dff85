/** `realmesh doctor` with a node that answers, with one that does not, and with none. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Diagnosis } from '../../../../../core/model/finding.ts'
import { loadOrCreateAdminToken } from '../../../../../home/admin-token.ts'
import { type HomeLock, lockHome } from '../../../../../home/home-lock.ts'
import { processBirth } from '../../../../../home/process-birth.ts'
import { writeRuntimeFile } from '../../../../../home/runtime-file.ts'
import { commandContext, runCommand } from '../../../../support/command-context.ts'
import { FakeGateway } from '../../../../support/fake-gateway.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

describe('realmesh doctor', () => {
  const folder = temporaryFolder()
  let gateway: FakeGateway
  let lock: HomeLock | undefined

  beforeEach(() => {
    gateway = new FakeGateway(folder.path('h'))
    lock = undefined
  })
  afterEach(async () => {
    gateway.close()
    await lock?.release()
  })

  /** A node of this process: only one that lives is asked. */
  async function serve(answer: Parameters<FakeGateway['serve']>[0]): Promise<void> {
    const home = await gateway.serve(answer)
    await loadOrCreateAdminToken(home)
    lock = await lockHome(home, { birthOf: processBirth })
    const { readRuntimeFile } = await import('../../../../../home/runtime-file.ts')
    await writeRuntimeFile(home, { ...(await readRuntimeFile(home)), pid: process.pid })
  }

  const doctor = (...args: readonly string[]) =>
    runCommand(['doctor', ...args, '--home', folder.path('h')], commandContext())

  async function codes(...args: readonly string[]): Promise<readonly string[]> {
    const { out } = await doctor(...args, '--json')
    return (JSON.parse(out) as Diagnosis).findings.map(({ code }) => code)
  }

  it('prints what the running node found, and ends as bad as that is', async () => {
    const asked: (string | undefined)[] = []
    let state = 'warn'
    await serve((request, reply) => {
      asked.push(request.url)
      reply.end(JSON.stringify({ state, findings: [{ code: 'disk.low', state, cause: 'little room', facts: {} }] }))
    })
    const { out, status } = await doctor()
    assert.match(out, /^warn little room \[disk\.low\]$/m)
    assert.match(out, /^ok {3}daemon$/m)
    assert.equal(status, 8)
    state = 'fail'
    assert.equal((await doctor('attic', '--model', 'llama 3')).status, 9)
    assert.deepEqual(asked, ['/api/doctor', '/api/doctor?peer=attic&model=llama+3'])
  })

  it('looks at the machine where a node lives and does not answer as it should', async () => {
    await serve((_request, reply) => {
      reply.statusCode = 500
      reply.end(JSON.stringify({ error: 'the doctor is ill', code: 'internal_error' }))
    })
    const found = await codes()
    assert.equal(found[0], 'daemon.silent')
    assert.ok(found.includes('runtime.ok') && !found.some((code) => code.startsWith('ports.')), found.join())
  })

  it('says what would keep a node from starting where none runs', async () => {
    await mkdir(folder.path('h'))
    await writeFile(folder.path('h', 'realms.yml'), 'node:\n  shre: home\n')
    const { out, status } = await doctor()
    assert.match(
      out,
      /^FAIL .*realms\.yml:2:3: node\.shre: unknown key \[config\.invalid\]\n {5}fix: did you mean share\?$/m,
    )
    assert.match(out, /\[daemon\.stopped\]/)
    assert.equal(status, 9)
  })

  it('takes the flags of up', async () => {
    const flags = ['--no-detect', '--http', '192.0.2.1:5000', '--listen', '/ip4/127.0.0.1/tcp/0']
    assert.ok((await codes(...flags)).includes('ports.refused'))
  })

  it('needs a node to say anything of a peer', async () => {
    const { err, status } = await doctor('attic')
    assert.match(err, /\[DAEMON_NOT_RUNNING\]/)
    assert.equal(status, 3)
  })

  it('takes a model together with a peer only', async () => {
    const { err, status } = await doctor('--model', 'tiny')
    assert.match(err, /--model is about one peer \[USAGE\]/)
    assert.equal(status, 2)
  })
})
