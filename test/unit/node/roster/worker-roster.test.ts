import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { MAX_WORKERS } from '../../../../workers/pool/worker-pool.ts'
import type { Worker } from '../../../../workers/worker/worker.ts'
import { RosterBench, type RosterFile, rosterConfig } from '../../../support/roster-bench.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const PORT_1 = 'http://127.0.0.1:1'
const PORT_2 = 'http://127.0.0.1:2'
const found = { kind: 'openai', url: PORT_1 } as const
const attic = { name: 'attic', engine: 'openai', url: PORT_1 }

describe('WorkerRoster', () => {
  const folder = temporaryFolder()
  const benches: RosterBench[] = []

  /** A started roster, or one that the test starts. */
  async function bench(file: RosterFile = {}, init: { start?: boolean; found?: RosterBench['found'] } = {}) {
    const made = new RosterBench(rosterConfig(file))
    made.found = init.found ?? []
    benches.push(made)
    if (init.start !== false) await made.roster.start()
    return made
  }

  afterEach(async () => {
    for (const { roster, clock, made } of benches.splice(0)) {
      await roster.stop()
      assert.equal(clock.pending, 0, 'a timer is left')
      assert.deepEqual(
        made.filter(({ engine }) => !engine.closed),
        [],
        'an engine is left',
      )
    }
  })

  const hold = (worker: Worker | undefined) => {
    const model = worker?.models.all[0]
    assert.ok(worker !== undefined && model !== undefined)
    return worker.take(model, 'me', 1)
  }

  describe('at the start', () => {
    it('has the named, the addressed, the built-in and the found engines', async () => {
      const file = { workers: [attic], node: { builtin: true, engines: [`ollama=${PORT_2}`] } }
      const { names } = await bench(file, { found: [{ kind: 'vllm', url: 'http://127.0.0.1:3' }] })
      assert.deepEqual(names.slice(0, 2), ['attic', 'ollama-2'])
      assert.ok(names.includes('builtin/guide'))
      assert.equal(names.at(-1), 'vllm-3')
    })

    it('looks for no engines when the owner does not want it', async () => {
      assert.deepEqual((await bench({ node: { detect: false } }, { found: [found] })).names, [])
    })

    it('gives a named engine that is found too no second worker, whatever its address is called', async () => {
      for (const url of ['http://localhost:1', 'http://[::1]:1/', 'http://127.0.0.1:1/v1']) {
        const { names } = await bench({ workers: [{ ...attic, url }] }, { found: [found] })
        assert.deepEqual(names, ['attic'], url)
      }
    })

    it('uses all others when the key of one cannot be read, and says what is wrong with it', async () => {
      const keyFile = folder.path('key')
      await writeFile(keyFile, 'secret', { mode: 0o644 })
      const file = {
        workers: [
          { ...attic, key_file: keyFile },
          { ...attic, name: 'desk', url: PORT_2 },
        ],
      }
      const made = await bench(
        { ...file, node: { builtin: true } },
        { found: [found, { kind: 'ollama', url: 'http://127.0.0.1:3' }] },
      )
      for (const name of ['desk', 'builtin/guide', 'ollama-3']) assert.ok(made.names.includes(name), name)
      assert.ok(!made.names.includes('openai-1'), 'its engine is not used without its rules')
      assert.match(made.reason('attic') ?? '', /the key file .* others could use it.*: chmod 600/)
      assert.equal(made.roster.status().find(({ name }) => name === 'attic')?.healthy, false)
      assert.equal(made.warnings.length, 1)
    })
  })

  describe('when the configuration changes', () => {
    it('lets an engine that was found go on under the name and the rules that the owner gives it', async () => {
      const { pool, roster, made } = await bench({}, { found: [found] })
      const worker = pool.get('openai-1')
      const lease = hold(worker)
      await roster.apply(rosterConfig({ workers: [{ ...attic, slots: 1, scope: 'local' }] }))
      assert.equal(pool.get('attic'), worker)
      assert.equal(pool.list().length, 1)
      assert.equal(made.length, 1, 'no second engine was made')
      assert.equal(worker?.serves('home'), false)
      assert.equal(worker?.availability('own'), 'busy', 'its query goes on')
      lease.release()
    })

    it('adds no twin of a named engine at the next look', async () => {
      const made = await bench({}, { found: [found] })
      await made.roster.apply(rosterConfig({ workers: [{ ...attic, scope: 'local' }] }))
      await made.look()
      assert.deepEqual(made.names, ['attic'])
    })

    it('uses a changed key, and names the worker', async () => {
      const keyFile = folder.path('key')
      await writeFile(keyFile, 'old\n', { mode: 0o600 })
      const file = { workers: [{ ...attic, key_file: keyFile }] }
      const made = await bench(file)
      const keys = () => made.open.map(({ spec }) => spec.apiKey)
      assert.deepEqual(keys(), ['old'])
      await writeFile(keyFile, 'new\n')
      assert.deepEqual(await made.roster.apply(rosterConfig(file)), { exchanged: ['attic'], problems: [] })
      assert.deepEqual(keys(), ['new'])
      assert.deepEqual(await made.roster.apply(rosterConfig(file)), { exchanged: [], problems: [] })
    })

    it('loads a changed model file, and tells two model files apart', async () => {
      const weights = folder.path('a.gguf')
      await writeFile(weights, 'old')
      await writeFile(folder.path('b.gguf'), 'other')
      const url = (name: string): string => `file://${folder.path(name)}`
      const file = (second: string) => ({
        workers: [
          { name: 'one', engine: 'llama', url: url('a.gguf') },
          { name: 'two', engine: 'llama', url: url(second) },
        ],
      })
      const { roster } = await bench(file('b.gguf'))
      await writeFile(weights, 'new weights')
      assert.deepEqual((await roster.apply(rosterConfig(file('b.gguf')))).exchanged, ['one'])
      assert.deepEqual((await roster.apply(rosterConfig(file('a.gguf')))).exchanged, ['two'])
    })

    it('tries a worker that could not be used again', async () => {
      const keyFile = folder.path('key')
      await writeFile(keyFile, 'secret', { mode: 0o644 })
      const file = { workers: [{ ...attic, key_file: keyFile }] }
      const made = await bench(file)
      const { problems } = await made.roster.apply(rosterConfig(file))
      assert.deepEqual(
        problems.map(({ name }) => name),
        ['attic'],
      )
      await chmod(keyFile, 0o600)
      assert.deepEqual((await made.roster.apply(rosterConfig(file))).problems, [])
      assert.deepEqual(made.names, ['attic'])
      assert.equal(made.roster.status().length, 1)
    })

    it('leaves alone what did not change, and lets what goes finish', async () => {
      const made = await bench({ workers: [attic, { ...attic, name: 'desk', url: PORT_2 }] })
      const [atticWorker, deskWorker] = made.pool.list()
      const lease = hold(atticWorker)
      const applied = made.roster.apply(rosterConfig({ workers: [{ ...attic, name: 'desk', url: PORT_2 }] }))
      await new Promise(setImmediate)
      assert.equal(atticWorker?.draining, true)
      assert.equal(made.made[0]?.engine.closed, false)
      lease.release()
      await applied
      assert.deepEqual(made.pool.list(), [deskWorker])
      assert.equal(made.made[0]?.engine.closed, true)
    })

    it('follows what the owner says of addresses, built-ins and detection', async () => {
      const made = await bench({}, { found: [found] })
      await made.roster.apply(rosterConfig({ node: { engines: [`ollama=${PORT_2}`], detect: false } }))
      assert.deepEqual(made.names, ['ollama-2'])
      await made.look()
      assert.deepEqual(made.names, ['ollama-2'])
      await made.roster.apply(rosterConfig({ node: { builtin: true } }))
      await made.look()
      assert.ok(!made.names.includes('ollama-2') && made.names.includes('builtin/guide'))
      assert.ok(made.names.includes('openai-1'))
    })
  })

  describe('a worker that the owner takes out', () => {
    it('does not come back without its rules', async () => {
      const made = await bench({ workers: [{ ...attic, slots: 1 }] }, { found: [found] })
      await made.roster.apply(rosterConfig())
      await made.look()
      await made.roster.apply(rosterConfig())
      await made.look()
      assert.deepEqual(made.names, [])
      assert.match(made.reason('attic') ?? '', /taken out by the owner/)
      await made.roster.apply(rosterConfig({ workers: [attic] }))
      assert.deepEqual(made.names, ['attic'])
    })

    it('goes on as a found one when it had no rules', async () => {
      const made = await bench({ workers: [attic] }, { found: [found] })
      const worker = made.pool.get('attic')
      await made.roster.apply(rosterConfig())
      assert.deepEqual(made.pool.list(), [worker])
      assert.equal(worker?.name, 'openai-1')
    })

    it('is kept out when it was found, until it is named', async () => {
      const made = await bench({}, { found: [found] })
      await made.roster.remove('openai-1')
      await made.look()
      assert.deepEqual(made.names, [])
      assert.match(made.reason('openai-1') ?? '', /taken out by the owner/)
      await made.roster.apply(rosterConfig({ node: { engines: [`openai=${PORT_1}`] } }))
      assert.deepEqual(made.names, ['openai-1'])
    })

    it('is not kept out when that is taken back', async () => {
      const made = await bench({ workers: [attic] }, { found: [found] })
      made.roster.keepOut('attic')()
      await made.roster.apply(rosterConfig())
      assert.deepEqual(made.names, ['openai-1'])
    })

    it('must be there', async () => {
      const { roster } = await bench({ workers: [attic] })
      await assert.rejects(roster.remove('attc'), { code: 'BAD_REQUEST', fix: /the workers are attic/ })
      assert.throws(() => roster.drain('attc'), { code: 'BAD_REQUEST' })
      assert.throws(() => roster.undrain('attc'), { code: 'BAD_REQUEST' })
    })
  })

  describe('an engine that is found later', () => {
    it('gets a worker', async () => {
      const made = await bench()
      made.found = [found]
      await made.look()
      assert.deepEqual(made.names, ['openai-1'])
    })

    it('takes the place of the one that is gone from its port', async () => {
      const made = await bench({}, { found: [found] })
      made.found = [{ kind: 'vllm', url: PORT_1 }]
      await made.look()
      assert.deepEqual(made.names, ['openai-1'], 'the old one answers: it is not taken for another')
      const [old] = made.made
      assert.ok(old !== undefined)
      old.engine.trouble = new Error('gone')
      await made.pool.check()
      await made.pool.check()
      await made.look()
      assert.deepEqual(made.names, ['vllm-1'])
    })
  })

  it('says why an engine that cannot be made has no worker, once in the log', async () => {
    const made = await bench({}, { start: false, found: [found] })
    made.onCreate = () => {
      throw new Error('no such adapter')
    }
    await made.roster.start()
    await made.look()
    assert.match(made.reason('openai-1') ?? '', /no such adapter/)
    assert.equal(made.warnings.length, 1)
    made.onCreate = () => {}
    await made.look()
    assert.equal(made.roster.status().length, 1)
    assert.equal(made.reason('openai-1'), undefined)
  })

  it('says so of one worker too many, and releases its engine', async () => {
    const engines = Array.from({ length: MAX_WORKERS + 1 }, (_, i) => `ollama=http://127.0.0.1:${i + 1}`)
    const made = await bench({ node: { engines } })
    assert.equal(made.names.length, MAX_WORKERS)
    assert.match(made.reason(`ollama-${MAX_WORKERS + 1}`) ?? '', /at most 256 workers/)
    assert.equal(made.open.length, MAX_WORKERS)
  })

  it('tells what keeps a worker from being used, and changes nothing', async () => {
    const made = await bench()
    const { workers } = rosterConfig({ workers: [{ ...attic, key_env: 'NO_SUCH_VARIABLE_OF_REALMESH' }] })
    await assert.rejects(made.roster.check(workers), { code: 'CONFIG_INVALID', message: /NO_SUCH_VARIABLE/ })
    await made.roster.check(rosterConfig({ workers: [attic] }).workers)
    assert.deepEqual(made.names, [])
    assert.deepEqual(made.open, [])
  })

  describe('when it is stopped', () => {
    it('during the first look, adds nothing to the pool and plans no other look', async () => {
      const made = await bench({ workers: [attic] }, { start: false, found: [{ kind: 'ollama', url: PORT_2 }] })
      const looking = Promise.withResolvers<void>()
      const goOn = Promise.withResolvers<void>()
      made.onLook = async () => {
        looking.resolve()
        await goOn.promise
      }
      const started = made.roster.start()
      await looking.promise
      const stopped = made.roster.stop()
      goOn.resolve()
      await Promise.all([started, stopped])
      assert.deepEqual(made.names, [])
      assert.deepEqual(made.open, [])
      assert.equal(made.clock.pending, 0)
    })

    it('before anything was planned, adds nothing to the pool', async () => {
      const made = await bench({ workers: [attic] }, { start: false, found: [found] })
      const started = made.roster.start()
      await made.roster.stop()
      await started
      assert.deepEqual(made.names, [])
      assert.deepEqual(made.open, [])
      assert.equal(made.clock.pending, 0)
    })

    it('does not wait for a worker that is being exchanged', async () => {
      const made = await bench({ workers: [attic] })
      hold(made.pool.get('attic'))
      const applied = made.roster.apply(rosterConfig({ workers: [{ ...attic, engine: 'vllm' }] }))
      await new Promise(setImmediate)
      await made.roster.stop()
      assert.deepEqual((await applied).problems, [])
      assert.deepEqual(made.open, [])
    })

    it('can be started again', async () => {
      const made = await bench({ workers: [attic] }, { found: [{ kind: 'ollama', url: PORT_2 }] })
      await made.roster.stop()
      assert.deepEqual(made.names, [])
      await made.roster.start()
      assert.deepEqual(made.names, ['attic', 'ollama-2'])
    })
  })
})
