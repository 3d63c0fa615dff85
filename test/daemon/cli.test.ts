/**
 * The command line against real daemons: what goes wrong is told in two lines, what is asked for is done, signals end
 * it well.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../support/engines/stub-knobs.ts'
import type { StubServer } from '../support/engines/stub-server.ts'

describe('command line', () => {
  let harness: DaemonHarness
  let stubs: StubServer[]

  beforeEach(() => {
    harness = new DaemonHarness()
    stubs = []
  })

  afterEach(async () => {
    await harness.close()
    await Promise.all(stubs.map((stub) => stub.stop()))
  })

  const LOOPBACK = ['--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-mdns', '--no-detect']

  /** `realmesh up` that must refuse: one line of cause, one line of fix, nothing on stdout. */
  async function refused(
    args: readonly string[],
    code: string,
    status: number,
  ): Promise<{ cause: string; fix: string }> {
    const { stdout, stderr, code: exit } = await harness.output(['up', ...args])
    const [cause = '', fix = '', ...rest] = stderr.split('\n')
    assert.match(cause, new RegExp(`^realmesh: .* \\[${code}\\]$`))
    assert.match(fix, /^ {2}fix: /)
    assert.deepEqual([stdout, rest, exit], ['', [''], status])
    return { cause, fix }
  }

  /** A daemon with a stub whose answer stops after two tokens until it is released. */
  async function busyDaemon(
    knobs: Partial<StubKnobs> = {},
  ): Promise<{ daemon: Daemon; stub: StubServer; asking: ChildProcess }> {
    const stub = await startStub('ollama', { models: ['tiny'], pauseAfter: 2, ...knobs })
    stubs.push(stub)
    const daemon = await harness.up(['--no-builtin', '--engine', `ollama=${stub.url}`])
    const asking = harness.run(['ask', 'hello', '--home', daemon.home])
    if (asking.stdout !== null) await once(asking.stdout, 'data')
    return { daemon, stub, asking }
  }

  it('refuses an unknown flag', async () => {
    const { fix } = await refused(['--htp', '127.0.0.1:0'], 'USAGE', 2)
    assert.match(fix, /--http/)
  })

  it('refuses a bad multiaddr and names the flag', async () => {
    const { cause } = await refused(
      ['--home', harness.home(), ...LOOPBACK, '--bootstrap', '10.0.0.1:4501'],
      'BAD_MULTIADDR',
      4,
    )
    assert.match(cause, /--bootstrap: node\.bootstrap\[0\]/)
  })

  it('refuses a file that it cannot read, and one that is wrong', async () => {
    const home = harness.home()
    await refused(['--home', home, '--config', join(harness.folder, 'none.yml')], 'CONFIG_UNREADABLE', 4)
    await mkdir(home, { recursive: true })
    await writeFile(join(home, 'realms.yml'), 'realms:\n  $CHAT:\n    primary_query_type: chta\n')
    const { cause, fix } = await refused(['--home', home], 'CONFIG_INVALID', 4)
    assert.match(cause, /realms\.yml:3:25: realms\.\$CHAT\.primary_query_type/)
    assert.match(fix, /did you mean chat\?/)
  })

  it('refuses a port that another program has, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const home = harness.home()
    try {
      await refused(['--home', home, ...LOOPBACK, '--http', `127.0.0.1:${port}`], 'PORT_IN_USE', 6)
    } finally {
      other.close()
    }
    assert.deepEqual(await readdir(join(home, 'state', 'lock')), [])
    await harness.up([], { home })
  })

  it('refuses to open the gateway to the network without a key', async () => {
    await refused(['--home', harness.home(), ...LOOPBACK, '--http', '0.0.0.0:0'], 'BIND_REFUSED', 6)
  })

  it("refuses a second daemon on the same home and names the first one's pid", async () => {
    const daemon = await harness.up()
    const { cause } = await refused(['--home', daemon.home, ...LOOPBACK], 'HOME_LOCKED', 5)
    assert.match(cause, new RegExp(`pid ${daemon.pid}\\b`))
    assert.equal((await daemon.status()).peerId, daemon.peerId)
  })

  it('refuses keys that others may read, and says how to close them', async () => {
    const daemon = await harness.up()
    await daemon.stop()
    const key = join(daemon.home, 'data', 'identity.key')
    await chmod(key, 0o644)
    const { fix } = await refused(['--home', daemon.home, ...LOOPBACK], 'KEY_FILE_LAX', 5)
    assert.equal(fix, `  fix: chmod 600 ${key}`)
    await chmod(key, 0o600)
    assert.equal((await harness.up([], { home: daemon.home })).peerId, daemon.peerId)
  })

  it('takes over the home of a daemon that was killed', async () => {
    const daemon = await harness.up()
    await daemon.stop('SIGKILL')
    const { stderr, code } = await harness.output(['status', '--home', daemon.home])
    assert.match(stderr, /\[DAEMON_NOT_RUNNING\]/)
    assert.equal(code, 3)
    assert.equal((await harness.up([], { home: daemon.home })).peerId, daemon.peerId)
  })

  it('tells a person in a few lines what runs and what to do next', async () => {
    const child = harness.run(['up', '--home', harness.home(), ...LOOPBACK])
    let out = ''
    child.stdout?.on('data', (piece) => {
      out += String(piece)
    })
    await eventually('the last line', () => /^next .*\n/m.test(out))
    assert.deepEqual(
      out.split('\n').map((line) => line.split(' ')[0]),
      ['realmesh', 'network', 'programs', 'engines', 'realms', 'peers', 'alone', '', '', '', 'next', ''],
    )
    assert.match(out, /^peers +none yet; another machine joins by realmesh invite/m)
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })

  it('prints exactly the ready line with --json', async () => {
    const child = harness.run(['up', '--home', harness.home(), ...LOOPBACK, '--json', '--network', 'lab'])
    const [piece] = child.stdout === null ? [] : await once(child.stdout, 'data')
    const line = String(piece)
    assert.ok(line.endsWith('\n') && line.indexOf('\n') === line.length - 1)
    const ready = JSON.parse(line)
    assert.deepEqual(Object.keys(ready), ['event', 'peerId', 'http', 'p2p', 'network'])
    assert.deepEqual([ready.event, ready.network], ['ready', 'lab'])
    assert.match(ready.http, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    assert.match(ready.p2p[0], /^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d*\/p2p\/12D3KooW/)
    assert.equal((await fetch(`${ready.http}/health`)).status, 200)
  })

  it('ends with status 0 at SIGTERM and removes what says that it runs', async () => {
    const daemon = await harness.up()
    assert.deepEqual(await daemon.stop('SIGTERM'), { code: 0, signal: null })
    assert.deepEqual(await readdir(join(daemon.home, 'state', 'lock')), [])
    await assert.rejects(readFile(join(daemon.home, 'state', 'daemon.json')), { code: 'ENOENT' })
  })

  it('lets a running answer end after SIGTERM', async () => {
    const { daemon, stub, asking } = await busyDaemon()
    let out = ''
    asking.stdout?.on('data', (piece) => {
      out += String(piece)
    })
    daemon.child.kill('SIGTERM')
    await eventually('it drains', () => daemon.stderr().includes('draining'))
    stub.release()
    const [status] = await once(asking, 'close')
    assert.equal(status, 0, out)
    if (daemon.child.exitCode === null) await once(daemon.child, 'exit')
    assert.equal(daemon.child.exitCode, 0)
  })

  it('ends at once at the second signal', async () => {
    const { daemon } = await busyDaemon()
    daemon.child.kill('SIGTERM')
    await eventually('it drains', () => daemon.stderr().includes('draining'))
    assert.equal(daemon.child.exitCode, null)
    daemon.child.kill('SIGINT')
    await once(daemon.child, 'exit')
    assert.equal(daemon.child.exitCode, 130)
    await assert.rejects(readFile(join(daemon.home, 'state', 'daemon.json')), { code: 'ENOENT' })
    await harness.up([], { home: daemon.home })
  })

  it('goes on as it was when SIGHUP finds a wrong file', async () => {
    const daemon = await harness.up()
    await writeFile(join(daemon.home, 'realms.yml'), 'node:\n  scope: publik\n')
    daemon.child.kill('SIGHUP')
    await eventually('it says so', () => daemon.stderr().includes('configuration not changed'))
    assert.match(daemon.stderr(), /realms\.yml:2:10: node\.scope/)
    assert.equal((await daemon.status()).scope, 'home')
    const { code } = await harness.output(['config', 'reload', '--home', daemon.home])
    assert.equal(code, 4)
  })

  it('applies a changed file at SIGHUP, and says what waits for a restart', async () => {
    const daemon = await harness.up()
    await writeFile(join(daemon.home, 'realms.yml'), 'node:\n  scope: local\n  log_level: warn\n  builtin: false\n')
    const { code, stderr } = await harness.output(['config', 'reload', '--home', daemon.home])
    assert.equal(code, 0, stderr)
    await eventually('the scope is local', async () => (await daemon.status()).scope === 'local')
    await eventually('it names what waits', () => /user_data.*these changes wait/.test(daemon.stderr()))
    assert.match(stderr, /^in force: .*node\.scope.*\nwaits for a restart: user_data$/m)
  })

  it('stops the engine when ask is interrupted', async () => {
    const { stub, asking } = await busyDaemon()
    asking.kill('SIGINT')
    const [status] = await once(asking, 'close')
    assert.equal(status, 130)
    await stub.journal.waitFor('cancel')
  })

  it('answers, and tells of itself, its peers, its models and what became of a query', async () => {
    const stub = await startStub('ollama', { models: ['tiny'] })
    stubs.push(stub)
    const daemon = await harness.up(['--engine', `ollama=${stub.url}`])
    const cli = (...args: string[]) => harness.output([...args, '--home', daemon.home])
    const asked = await cli('ask', 'hello', '--model', 'tiny')
    assert.equal(asked.code, 0, asked.stderr)
    assert.ok(asked.stdout.length > 1)
    const id = /realmesh trace (?:--home \S+ )?(\S+)\]/.exec(asked.stderr)?.[1] ?? ''
    const traced = JSON.parse((await cli('trace', id, '--json')).stdout)
    assert.deepEqual([traced.id, traced.outcome, traced.modelServed], [id, 'served', 'tiny'])
    assert.match((await cli('trace', id)).stdout, /outcome {2}served/)
    assert.equal(JSON.parse((await cli('status', '--json')).stdout).peerId, daemon.peerId)
    assert.match((await cli('status')).stdout, /\$CHAT/)
    assert.match((await cli('models')).stdout, /^tiny /m)
    assert.match((await cli('peers')).stdout, /no peers yet/)
  })

  it('runs a swarm of real nodes that find each other, and stops them all', async () => {
    const stub = await startStub('ollama', { models: ['tiny'] })
    stubs.push(stub)
    const swarm = harness.run([
      'swarm',
      'up',
      '-n',
      '3',
      '--no-builtin',
      '--engine-on',
      `2=ollama=${stub.url}`,
      '--json',
    ])
    let out = ''
    swarm.stdout?.on('data', (piece) => {
      out += String(piece)
    })
    await eventually('the swarm is up', () => out.includes('"event":"swarm"'), 40_000)
    const nodes = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'node')
      .sort((a, b) => a.index - b.index)
    assert.deepEqual(
      nodes.map(({ index }) => index),
      [0, 1, 2],
    )
    await eventually('node 1 can use the model of node 2', async () => {
      const response = await fetch(`${nodes[1].http}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
      return response.headers.get('x-realmesh-node') === nodes[2].peerId
    })
    swarm.kill('SIGINT')
    const [code] = await once(swarm, 'exit')
    assert.equal(code, 0)
    for (const { pid } of nodes) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  })

  it('takes its nodes along even when the swarm command is killed', async () => {
    const swarm = harness.run(['swarm', 'up', '-n', '1', '--json'], { TMPDIR: harness.folder })
    const [piece] = swarm.stdout === null ? [] : await once(swarm.stdout, 'data')
    const { pid } = JSON.parse(String(piece).split('\n')[0] ?? '')
    process.kill(pid, 0)
    swarm.kill('SIGKILL')
    await eventually('the node has ended', () => {
      try {
        process.kill(pid, 0)
        return false
      } catch {
        return true
      }
    })
  })
})
