/** Broken set-ups, made for real: the doctor finds each by its code. Those that need root are in test/chaos. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Diagnosis, Finding } from '../../core/model/finding.ts'
import { CLI, COMMAND, type Daemon, DaemonHarness, eventually } from '../support/daemon.ts'
import { startStub } from '../support/engines/stub-kinds.ts'
import type { StubServer } from '../support/engines/stub-server.ts'
import { examined } from '../support/examined.ts'
import { ROOT } from '../support/markdown.ts'

const NOBODY = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const FREE = ['--http', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0', '--no-detect']
const CLOCK = pathToFileURL(join(ROOT, 'test', 'support', 'shifted-clock.mjs')).href

function codesOf({ findings }: Diagnosis): readonly string[] {
  return findings.map(({ code }) => code)
}

async function finds(code: string, daemon: Daemon, peer?: string, model?: string): Promise<Finding> {
  let last: readonly string[] = []
  const look = async (): Promise<Finding | undefined> => {
    const diagnosis = await examined(daemon, peer, model)
    last = codesOf(diagnosis)
    return diagnosis.findings.find((finding) => finding.code === code)
  }
  return await eventually(code, look).catch((error: unknown) => assert.fail(`${String(error)}: ${last.join()}`))
}

async function act(daemon: Daemon, name: string, body: object = {}): Promise<void> {
  const token = readFileSync(join(daemon.home, 'data', 'admin.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const reply = await fetch(`${daemon.http}/api/admin/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.equal(reply.status, 200, await reply.text())
}

describe('the doctor', () => {
  let harness: DaemonHarness
  let taken: Server | undefined
  const stubs: StubServer[] = []

  before(() => {
    harness = new DaemonHarness()
  })

  after(async () => {
    taken?.close()
    await harness.close()
    await Promise.all(stubs.map((stub) => stub.stop()))
  })

  /** `realmesh doctor`, while no node runs with the home or by its own words. */
  async function told(home: string, args: readonly string[] = FREE, command = COMMAND): Promise<Diagnosis> {
    const { stdout, stderr, code } = await harness.output(['doctor', '--home', home, '--json', ...args], {}, command)
    assert.notEqual(stdout, '', stderr)
    const diagnosis = JSON.parse(stdout) as Diagnosis
    assert.equal(code, { ok: 0, warn: 8, fail: 9 }[diagnosis.state])
    return diagnosis
  }

  async function tells(code: string, diagnosis: Promise<Diagnosis>): Promise<void> {
    const codes = codesOf(await diagnosis)
    assert.ok(codes.includes(code), codes.join())
  }

  describe('while no node runs', () => {
    /** A home in which a node once ran. */
    function usedHome(): string {
      const home = harness.home()
      mkdirSync(join(home, 'data'), { mode: 0o700 })
      writeFileSync(join(home, 'data', 'admin.token'), `${'t'.repeat(43)}\n`, { mode: 0o600 })
      return home
    }

    it('says that none runs, and finds nothing else wrong', async () => {
      const { state, findings } = await told(harness.home())
      assert.equal(state, 'warn')
      const bad = findings.filter((finding) => finding.state === 'warn').map(({ code }) => code)
      assert.ok(bad.includes('daemon.stopped'), bad.join())
      assert.ok(
        bad.every((code) => ['daemon.stopped', 'engines.none', 'engines.unused', 'interfaces.none'].includes(code)),
      )
    })

    it('finds a key file that others may read', async () => {
      const home = usedHome()
      chmodSync(join(home, 'data', 'admin.token'), 0o644)
      await tells('home.key-lax', told(home))
    })

    it('finds a key file that holds no key', async () => {
      const home = usedHome()
      writeFileSync(join(home, 'data', 'identity.key'), 'no key', { mode: 0o600 })
      await tells('home.key-bad', told(home))
    })

    it('finds a configuration that is not valid', async () => {
      const home = usedHome()
      appendFileSync(join(home, 'realms.yml'), 'node:\n  shre: home\n')
      await tells('config.invalid', told(home))
    })

    it('finds the port that another program has', async () => {
      taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')
      const address = taken.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      await tells('ports.taken', told(usedHome(), ['--http', `127.0.0.1:${port}`, ...FREE.slice(2)]))
    })

    it('finds an address that is not of this machine', async () => {
      await tells('ports.refused', told(usedHome(), [...FREE.slice(0, 2), '--listen', '/ip4/192.0.2.77/tcp/4501']))
    })

    it('finds that too few files may be opened', async () => {
      await tells('files.few', told(usedHome(), FREE, ['sh', '-c', 'ulimit -n 300 && exec "$@"', 'sh', ...COMMAND]))
    })

    it('finds that WebRTC is not installed', async () => {
      const place = join(harness.folder, 'without-webrtc')
      copyWithout(place, '@libp2p/webrtc')
      const entry = join(place, 'dist', 'bin', 'realmesh.js')
      await tells('webrtc.missing', told(usedHome(), FREE, [process.execPath, entry]))
    })
  })

  describe('while nodes run', () => {
    let rig: Daemon
    let laptop: Daemon
    let stranger: Daemon
    let late: Daemon
    let engine: StubServer

    before(async () => {
      engine = await startStub('ollama', { models: ['tiny'] })
      stubs.push(engine)
      rig = await harness.up(['--no-builtin', '--engine', `ollama=${engine.url}`, '--name', 'rig'])
      const bootstrap = ['--bootstrap', rig.addresses[0] ?? '']
      const home = harness.home()
      mkdirSync(join(home, 'data'), { mode: 0o700 })
      cpSync(join(rig.home, 'data', 'federation.key'), join(home, 'data', 'federation.key'))
      const dead = ['--engine', 'ollama=http://127.0.0.1:9', '--no-builtin', '--bootstrap', NOBODY]
      const shifted = { NODE_OPTIONS: `--import=${CLOCK}`, REALMESH_TEST_SHIFT_MS: '7200000' }
      ;[laptop, stranger] = await Promise.all([
        harness.up([...dead, ...bootstrap, '--name', 'laptop'], { home }),
        harness.up([...bootstrap, '--name', 'stranger']),
      ])
      const both = [...bootstrap, '--bootstrap', laptop.addresses[0] ?? '']
      late = await harness.up([...both, '--name', 'late'], { env: shifted })
    })

    it('sends a query to the rig and back', async () => {
      const { facts } = await finds('query.ok', laptop)
      assert.equal(facts['peer'], rig.peerId)
      await finds('peer.ok', laptop, 'rig')
    })

    it('finds an engine that does not answer, and a bootstrap peer that is not there', async () => {
      const codes = codesOf(await examined(laptop))
      for (const code of ['engines.down', 'bootstrap.unreached', 'bootstrap.ok']) assert.ok(codes.includes(code), code)
    })

    it('finds that others cannot reach what listens on loopback', async () => {
      const codes = codesOf(await examined(laptop))
      assert.ok(codes.includes('reach.loopback') || codes.includes('interfaces.none'), codes.join())
    })

    it('finds that the rig of another neither serves, nor is in scope', async () => {
      await finds('peer.not-shared', stranger, 'rig')
      await finds('peer.out-of-scope', stranger, 'rig')
    })

    it('finds that the rig lacks a model, and that nobody has a name', async () => {
      await finds('peer.lacks-model', laptop, 'rig', 'huge')
      await finds('peer.unknown', laptop, 'nobody')
      await finds('peer.self', laptop, laptop.peerId)
    })

    it('finds a clock that is two hours ahead, at the peer and here', async () => {
      const { facts } = await finds('clock.peer-wrong', rig)
      assert.equal(facts['peer'], late.peerId)
      await finds('peer.clock', rig, 'late')
      await finds('clock.wrong', late)
    })

    it('finds a file that was changed behind the back of the node, and one that is not valid', async () => {
      const file = join(stranger.home, 'realms.yml')
      const before = readFileSync(file, 'utf8')
      writeFileSync(file, `${before}node:\n  share: friends\n`)
      await finds('config.differs', stranger)
      writeFileSync(file, `${before}node:\n  shre: friends\n`)
      await finds('config.invalid', stranger)
      writeFileSync(file, before)
    })

    it('finds a rig that is paused', async () => {
      await act(rig, 'pause')
      await finds('peer.paused', laptop, 'rig')
      await finds('peers.not-served', laptop)
      await finds('serving.paused', rig)
      await act(rig, 'resume')
    })

    it('finds a rig that takes no query', async () => {
      await act(rig, 'node/drain')
      await finds('peer.draining', laptop, 'rig')
      await finds('serving.draining', rig)
      await act(rig, 'node/undrain')
      await finds('peer.ok', laptop, 'rig')
    })

    it('finds a node of another network', async () => {
      const other = await harness.up(['--network', 'lab', '--bootstrap', rig.addresses[0] ?? ''])
      await finds('bootstrap.other-network', other)
      await finds('peer.other-network', other, rig.peerId)
      await other.stop()
    })

    it('finds a peer that was blocked, and one that is gone', async () => {
      await act(laptop, 'peers/block', { peer: rig.peerId })
      await finds('peer.blocked', laptop, rig.peerId)
      await act(laptop, 'peers/unblock', { peer: rig.peerId })
      await late.stop()
      await finds('peer.unreached', rig, 'late')
    })

    it('finds a node that does not answer, and looks at the machine instead', async () => {
      stranger.child.kill('SIGSTOP')
      try {
        await tells('daemon.silent', told(stranger.home))
      } finally {
        stranger.child.kill('SIGCONT')
      }
    })

    it('prints what is broken first, each with a fix, within 80 columns where a terminal has so many', async () => {
      const { stdout, code } = await harness.output(['doctor', '--home', laptop.home])
      assert.equal(code, 9)
      assert.match(stdout, /^FAIL .* \[engines\.down\]\n {5}fix: /m)
      assert.match(stdout, /^ok {3}daemon, /m)
    })
  })
})

/** A copy of the program whose packages are those here, but for one. */
function copyWithout(place: string, missing: string): void {
  const [scope = '', name = ''] = missing.split('/')
  cpSync(join(CLI, '..', '..'), join(place, 'dist'), { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(place, 'package.json'))
  const modules = join(ROOT, 'node_modules')
  const link = (...path: readonly string[]): void =>
    symlinkSync(join(modules, ...path), join(place, 'node_modules', ...path))
  mkdirSync(join(place, 'node_modules', scope), { recursive: true })
  for (const each of readdirSync(modules)) if (each !== scope) link(each)
  for (const each of readdirSync(join(modules, scope))) if (each !== name) link(scope, each)
}
