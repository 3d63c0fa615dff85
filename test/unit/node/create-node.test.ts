/** A whole node in this process, on loopback, with engines that are fakes: what no part can show alone. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { resolveConfig } from '../../../config/file/resolve-config.ts'
import { fileSchema } from '../../../config/schema/file-schema.ts'
import { silentLogger } from '../../../core/logger.ts'
import type { EngineKind } from '../../../core/model/engine-kind.ts'
import type { WorkerStatus } from '../../../core/model/worker.ts'
import type { EngineSpec } from '../../../engines/engine-kinds.ts'
import { type HomeFolder, homeFolder, prepareHome } from '../../../home/home-folder.ts'
import type { ReadConfig } from '../../../node/control/live-config.ts'
import { createNode } from '../../../node/create-node.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { collect, textOf } from '../../support/collect.ts'
import { eventually } from '../../support/daemon.ts'
import { FakeEngine } from '../../support/fake-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const RIG = 'http://127.0.0.1:1'
const attic = { name: 'attic', engine: 'openai', url: RIG }
const { signal } = new AbortController()

interface Sketch {
  readonly node?: object
  readonly [section: string]: unknown
}

function fromFile({ node, ...file }: Sketch): ReadConfig {
  const alone = { listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false, ...node }
  const values = fileSchema.parse({ user_data: { reserve: 0 }, ...file, node: alone })
  return { values, config: resolveConfig(values, { federationId: 'federation_00000001' }) }
}

describe('createNode', () => {
  const folder = temporaryFolder()
  let home: HomeFolder
  let file: Sketch
  let found: { readonly kind: EngineKind; readonly url: string }[]
  let made: { readonly spec: EngineSpec; readonly engine: FakeEngine }[]
  let onLook: () => Promise<void>
  let node: RealmeshNode

  beforeEach(async () => {
    home = homeFolder(folder.path('home'), {})
    await prepareHome(home)
    found = []
    made = []
    onLook = async () => {}
  })
  afterEach(async () => {
    await node.stop()
    assert.ok(
      made.every(({ engine }) => engine.closed),
      'an engine is left',
    )
  })

  async function compose(sketch: Sketch = {}): Promise<RealmeshNode> {
    file = sketch
    const { config, values } = fromFile(sketch)
    node = await createNode({
      config,
      source: { values, path: undefined, read: async () => fromFile(file) },
      home,
      log: silentLogger,
      version: '0.0.0',
      engines: {
        detect: async () => {
          await onLook()
          return { found: found.map((engine) => ({ ...engine, fingerprint: '/' })) }
        },
        create: (spec) => {
          const engine = new FakeEngine({ kind: spec.kind, url: spec.url })
          engine.script = (run) => run.text(`by ${spec.apiKey ?? spec.url}`).end()
          made.push({ spec, engine })
          return engine
        },
      },
    })
    return node
  }

  const started = async (sketch: Sketch = {}): Promise<RealmeshNode> => {
    await (await compose(sketch)).start()
    return node
  }

  const reload = async (sketch: Sketch) => {
    file = sketch
    return await node.control.config.reload()
  }

  const ask = async (): Promise<string> => {
    const body = { messages: [{ role: 'user', content: 'hello' }] } as const
    return textOf(await collect(node.query({ type: 'chat', model: 'auto', user: 'u', body }, { signal }).events))
  }

  const workers = (): readonly WorkerStatus[] => node.status().workers
  const names = (): readonly string[] => workers().map(({ name }) => name)

  it('answers with an engine that it found, and lists its models', async () => {
    found = [{ kind: 'openai', url: RIG }]
    await started()
    assert.equal(await ask(), `by ${RIG}`)
    assert.deepEqual(names(), ['openai-1'])
    assert.deepEqual(
      node.models().map(({ model, local }) => [model.name, local]),
      [['tiny', true]],
    )
  })

  it('binds an engine that it found by the rules that a reload gives it, and has no second worker on it', async () => {
    found = [{ kind: 'openai', url: RIG }]
    await started()
    assert.deepEqual(await reload({ workers: [{ ...attic, slots: 1, scope: 'local' }] }), {
      applied: ['workers.attic'],
      restart: [],
      problems: [],
    })
    assert.deepEqual(
      workers().map(({ name, slots }) => [name, slots]),
      [['attic', 1]],
    )
  })

  it('uses the new key after it was rotated and the file was read again', async () => {
    const keyFile = folder.path('key')
    await writeFile(keyFile, 'old', { mode: 0o600 })
    const sketch = { workers: [{ ...attic, key_file: keyFile }] }
    await started(sketch)
    assert.equal(await ask(), 'by old')
    await writeFile(keyFile, 'new')
    assert.deepEqual((await reload(sketch)).applied, ['workers.attic'])
    assert.equal(await ask(), 'by new')
  })

  it('works with all others when one worker cannot be used, and with that one after it was mended', async () => {
    const lax = folder.path('key')
    await writeFile(lax, 'key', { mode: 0o644 })
    const sketch = {
      workers: [
        { ...attic, key_file: lax },
        { ...attic, name: 'desk', url: 'http://127.0.0.1:2' },
      ],
    }
    await started(sketch)
    assert.equal(await ask(), 'by http://127.0.0.1:2')
    assert.match(workers().find(({ name }) => name === 'attic')?.reason ?? '', /others could use it/)
    const { problems } = await reload({ ...sketch, node: { share: 'local' } })
    assert.deepEqual(
      problems.map((line) => line.split(':')[0]),
      ['workers.attic'],
    )
    assert.equal(node.status().share, 'local', 'the rest is in force')
    const fixed = folder.path('fixed')
    await writeFile(fixed, 'key', { mode: 0o600 })
    const mended = { workers: [{ ...attic, key_file: fixed }, sketch.workers[1]] }
    assert.deepEqual((await reload(mended)).problems, [])
    assert.ok(workers().every(({ healthy }) => healthy))
  })

  it('says why a sixth engine is not asked', async () => {
    const six = Array.from({ length: 6 }, (_, i) => `ollama=http://127.0.0.1:${i + 1}`)
    await started({ node: { engines: six } })
    const [left] = workers().filter(({ healthy }) => !healthy)
    assert.deepEqual([left?.name, left?.reason], ['ollama-6', 'left out: max_workers of $CHAT is 5'])
    assert.ok(node.status().warnings.includes('$CHAT leaves out ollama-6: its max_workers is 5'))
  })

  it('joins through the node that a reload names', async () => {
    const other = await started()
    const [address] = other.addresses()
    const second = homeFolder(folder.path('second'), {})
    await prepareHome(second)
    home = second
    const joiner = await compose()
    try {
      await joiner.start()
      assert.equal(joiner.status().peers.connected, 0)
      assert.deepEqual((await reload({ node: { bootstrap: [address] } })).applied, ['node.bootstrap'])
      await eventually('it is connected', () => joiner.status().peers.connected === 1)
    } finally {
      await joiner.stop()
      node = other
    }
  })

  it('leaves nothing when it is stopped during its start', async () => {
    const looking = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    onLook = async () => {
      looking.resolve()
      await goOn.promise
    }
    found = [{ kind: 'openai', url: RIG }]
    await compose({ node: { engines: ['ollama=http://127.0.0.1:2'] } })
    const start = node.start()
    await looking.promise
    const stop = node.stop()
    goOn.resolve()
    await Promise.all([start, stop])
    assert.deepEqual(names(), [])
    assert.deepEqual(node.addresses(), [])
  })

  it('leaves nothing of a start that failed', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await compose({ workers: [attic], node: { listen: [`/ip4/127.0.0.1/tcp/${port}`] } })
    await assert.rejects(node.start(), { code: 'PORT_IN_USE' })
    server.close()
    assert.deepEqual(names(), [])
    assert.deepEqual(
      made.map(({ engine }) => engine.closed),
      [true],
    )
  })
})
