/**
 * The operator's hand on real daemons, through the command line: pause and resume, shards that change under load, users
 * who leave.
 */
import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashKey } from '../../gateway/door/credentials.ts'
import { writeApiKeys } from '../../home/api-keys.ts'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { DaemonSwarm } from '../support/daemon-swarm.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../support/engines/stub-knobs.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

/** One chat; resolves with the status and the node that answered. */
async function chat(
  daemon: Pick<Daemon, 'http'>,
  key?: string,
): Promise<{ status: number; node: string | null; text: string }> {
  const response = await fetch(`${daemon.http}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'hello' }] }),
  })
  return { status: response.status, node: response.headers.get('x-realmesh-node'), text: await response.text() }
}

describe('a rig whose owner pauses it', () => {
  const swarm = new DaemonSwarm()

  after(() => swarm.stop())

  it('serves its owner and nobody else, over a restart too, until it is resumed', async () => {
    await swarm.start([{}])
    const [rig] = swarm.rigs
    assert.ok(rig)
    const cli = (...args: string[]) => swarm.harness.output([...args, '--home', rig.daemon.home])
    assert.equal((await chat(swarm.asker)).node, rig.daemon.peerId)

    const paused = await cli('pause', '2h')
    assert.deepEqual([paused.code, paused.stdout], [0, ''], paused.stderr)
    assert.match(paused.stderr, /for 2 h/)
    const refused = await chat(swarm.asker)
    assert.ok([429, 503].includes(refused.status), `${refused.status} ${refused.text}`)
    assert.deepEqual(await chat(rig.daemon).then(({ status, node }) => [status, node]), [200, rig.daemon.peerId])
    assert.match((await cli('status')).stdout, /paused by its owner/)

    await rig.daemon.stop()
    rig.daemon = await swarm.upRig(rig.kind, rig.stub, rig.daemon.home)
    assert.match((await cli('status')).stdout, /paused by its owner/)
    await eventually('the other node knows why', async () => (await swarm.asker.peers())[0]?.paused === true)
    assert.match((await swarm.harness.output(['peers', '--home', swarm.asker.home])).stdout, / paused /)

    assert.equal((await cli('resume')).code, 0)
    await eventually('the rig serves again', async () => (await chat(swarm.asker)).node === rig.daemon.peerId)
  })
})

describe('user data under the hand of its operator', () => {
  const harness = new DaemonHarness()
  const keys = Array.from({ length: 16 }, (_, i) => `sk-user-${i}`)
  const guidOf = (key: string): string => `key-${hashKey(key).slice(0, 16)}`
  const answered = new Map(keys.map((key) => [key, 0]))
  let stub: StubServer
  let home: string
  let daemon: Daemon

  before(async () => {
    stub = await startStub('ollama', { models: ['tiny'], tokens: 2 })
    home = harness.home()
    await mkdir(join(home, 'data'), { recursive: true, mode: 0o700 })
    await writeFile(join(home, 'realms.yml'), 'user_data:\n  reserve: 0\n  history: true\n')
    await writeApiKeys(
      join(home, 'data', 'api-keys.json'),
      keys.map((key) => ({ sha256: hashKey(key), prefix: key.slice(0, 8), created: '2030-01-01T00:00:00.000Z' })),
    )
    daemon = await harness.up(['--no-builtin', '--engine', `ollama=${stub.url}`], { home })
  })

  after(async () => {
    await harness.close()
    await stub.stop()
  })

  /** Runs a command for the daemon's home; `input` goes to its stdin. */
  async function cli(
    args: readonly string[],
    input = '',
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = harness.run([...args, '--home', home])
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (piece) => {
      stdout += String(piece)
    })
    child.stderr?.on('data', (piece) => {
      stderr += String(piece)
    })
    child.stdin?.end(input)
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }

  async function shards(...args: string[]) {
    const { stdout, stderr, code } = await cli(['shards', ...args, '--json'])
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  const settled = () => eventually('users have moved', async () => (await shards('status')).rebalance === undefined)

  async function exported(
    key: string,
  ): Promise<{ queries: { id: string; answer?: string }[]; account: { queryCount: number } }> {
    const { stdout, stderr, code } = await cli(['users', 'export', '-'], `${guidOf(key)}\n`)
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  it('the admin token is in a file of the owner alone, and nowhere else', async () => {
    const file = join(home, 'data', 'admin.token')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const token = (await readFile(file, 'utf8')).trim()
    assert.ok(!daemon.stderr().includes(token))
    const { status } = await fetch(`${daemon.http}/api/admin/resume`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${keys[0]}` },
      body: '{}',
    })
    assert.equal(status, 401)
  })

  it('a shard is added and another drained while queries run, and none is lost', async () => {
    let loading = true
    const load = keys.map(async (key) => {
      while (loading) {
        const { status, text } = await chat(daemon, key)
        assert.equal(status, 200, text)
        answered.set(key, (answered.get(key) ?? 0) + 1)
      }
    })
    await eventually('everyone is known', () => [...answered.values()].every((count) => count > 0))
    await shards('add', 'shard5')
    await settled()
    await shards('drain', 'shard1')
    await settled()
    loading = false
    await Promise.all(load)

    const checks: { shard: string; users: number; findings: string[] }[] = (await shards('verify')).shards
    assert.deepEqual(
      checks.flatMap(({ findings }) => findings),
      [],
    )
    assert.equal(
      checks.reduce((sum, { users }) => sum + users, 0),
      keys.length,
    )
    assert.equal(checks.find(({ shard }) => shard === 'shard1')?.users, 0)
    for (const key of keys.slice(0, 4)) {
      const { queries, account } = await exported(key)
      assert.deepEqual([queries.length, account.queryCount], [answered.get(key), answered.get(key)])
    }
  })

  it('a user is exported, loses his history by wish, and is erased', async () => {
    const [gone = '', stays = ''] = keys
    const file = join(harness.folder, 'export.json')
    assert.equal((await cli(['users', 'export', '-', '--out', file], guidOf(gone))).code, 0)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.ok(JSON.parse(await readFile(file, 'utf8')).queries[0].answer.length > 0)

    assert.equal((await cli(['users', 'history', '-', 'off'], guidOf(stays))).code, 0)
    await chat(daemon, stays)
    await eventually('the query is written', async () => {
      const { queries } = await exported(stays)
      return queries.length === (answered.get(stays) ?? 0) + 1 && queries[0]?.answer === undefined
    })

    const erased = await cli(['users', 'erase', '-', '--yes'], guidOf(gone))
    assert.equal(erased.code, 0, erased.stderr)
    const { stderr, code } = await cli(['users', 'export', '-'], guidOf(gone))
    assert.match(stderr, /\[USER_NOT_FOUND\]/)
    assert.equal(code, 1)
    assert.equal((await chat(daemon, gone)).status, 200)
    await eventually('he is a new user', async () => {
      const { code, stdout } = await cli(['users', 'export', '-'], guidOf(gone))
      return code === 0 && JSON.parse(stdout).account.queryCount === 1
    })
  })

  it('a backup is taken while the node runs and restored when it is stopped', async () => {
    const folder = join(harness.folder, 'backup')
    assert.equal((await cli(['backup', folder])).code, 0)
    const [, , key = ''] = keys
    const before = await exported(key)
    await cli(['users', 'erase', '-', '--yes'], guidOf(key))
    assert.match((await cli(['restore', folder])).stderr, /\[HOME_LOCKED\]/)
    await daemon.stop()
    const restored = await cli(['restore', folder])
    assert.equal(restored.code, 0, restored.stderr)
    const verified = await cli(['verify'])
    assert.equal(verified.code, 0, `${verified.stdout}${verified.stderr}`)
    daemon = await harness.up(['--no-builtin', '--engine', `ollama=${stub.url}`], { home })
    assert.deepEqual((await exported(key)).queries, before.queries)
  })
})

describe('workers and realms under the hand of their operator', () => {
  const harness = new DaemonHarness()
  const stubs: StubServer[] = []
  let daemon: Daemon

  before(async () => {
    daemon = await harness.up(['--no-builtin'])
  })

  after(async () => {
    await harness.close()
    await Promise.all(stubs.map((stub) => stub.stop()))
  })

  async function newStub(knobs: Partial<StubKnobs> = {}): Promise<StubServer> {
    const stub = await startStub('ollama', { models: ['tiny'], ...knobs })
    stubs.push(stub)
    return stub
  }

  async function act(name: string, body: object = {}): Promise<{ status: number; reply: Record<string, unknown> }> {
    const token = (await readFile(join(daemon.home, 'data', 'admin.token'), 'utf8')).trim()
    const response = await fetch(`${daemon.http}/api/admin/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    })
    return { status: response.status, reply: (await response.json()) as Record<string, unknown> }
  }

  const workers = async (): Promise<readonly string[]> => (await daemon.status()).workers.map(({ name }) => name)

  it('a worker is added, drained and removed while its query runs to the end', async () => {
    const stub = await newStub({ pauseAfter: 2 })
    assert.notEqual((await chat(daemon)).status, 200)
    const added = await act('workers/add', { worker: { name: 'desk', engine: 'ollama', url: stub.url } })
    assert.deepEqual([added.status, added.reply['lasts']], [200, 'written'])
    const asking = chat(daemon)
    await stub.journal.waitFor('start')

    assert.equal((await act('workers/drain', { name: 'desk' })).status, 200)
    assert.notEqual((await chat(daemon)).status, 200)
    const removing = act('workers/remove', { name: 'desk' })
    stub.release()
    assert.equal((await asking).status, 200)
    assert.equal((await removing).status, 200)
    assert.deepEqual(await workers(), [])
  })

  it('a change that does not fit is refused and changes nothing', async () => {
    const stub = await newStub()
    const misfit = { name: 'desk', engine: 'ollama', url: stub.url, realms: ['$CHT'] }
    const { status, reply } = await act('workers/add', { worker: misfit })
    assert.equal(status, 400)
    assert.match(JSON.stringify(reply), /there is no realm \$CHT.*did you mean \$CHAT/)
    assert.deepEqual(await workers(), [])
  })

  it('a realm is set and removed, and what the file says comes back with a reload', async () => {
    const realms = async (): Promise<readonly string[]> => (await daemon.status()).realms.map(({ name }) => name)
    const before = await realms()
    await act('realms/set', { name: '$CODE', realm: { primary_query_type: 'chat' } })
    assert.deepEqual(await realms(), [...before, '$CODE'])
    await act('realms/remove', { name: '$CODE' })
    assert.deepEqual(await realms(), before)

    await act('realms/remove', { name: '$IMAGINE' })
    await writeFile(join(daemon.home, 'realms.yml'), 'user_data:\n  reserve: 0\nnode:\n  scope: friends\n')
    const { reply } = await act('config/reload')
    assert.deepEqual(reply, { applied: ['realms.$IMAGINE', 'node.scope'], restart: [], problems: [] })
    assert.deepEqual([await realms(), (await daemon.status()).scope], [before, 'friends'])
  })

  it('a wrong file is refused and everything goes on as it was', async () => {
    await writeFile(join(daemon.home, 'realms.yml'), 'node:\n  scope: publik\n')
    const { status, reply } = await act('config/reload')
    assert.equal(status, 400)
    assert.match(JSON.stringify(reply), /realms\.yml:2:10: node\.scope/)
    assert.equal((await daemon.status()).scope, 'friends')
  })
})
