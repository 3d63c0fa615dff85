import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { ASKERS } from '../../../../core/scope.ts'
import type { WorkerSettings } from '../../../../workers/owner/worker-settings.ts'
import {
  RealmWorkerManager,
  type RealmWorkerManagerInit,
  type WorkerLease,
} from '../../../../workers/pool/realm-worker-manager.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { collect } from '../../../support/collect.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const { signal } = new AbortController()
const CHAT = { realm: '$CHAT', queryTypes: ['chat', 'vision'], node: 'me' } as const
const SEES = { vision: true, tools: false, reasoning: false, structured: false, prefill: false }

describe('RealmWorkerManager', () => {
  let clock: ManualClock
  let pool: WorkerPool
  beforeEach(async () => {
    clock = new ManualClock()
    pool = new WorkerPool({ clock })
    await pool.start()
  })
  afterEach(async () => {
    await pool.stop()
  })

  const manager = (init: Partial<RealmWorkerManagerInit> = {}): RealmWorkerManager =>
    new RealmWorkerManager({ pool, rng: () => 0 }, { ...CHAT, ...init })
  const add = async (
    name: string,
    init: ConstructorParameters<typeof FakeEngine>[0] = {},
    settings: Partial<WorkerSettings> = {},
  ): Promise<FakeEngine> => {
    const engine = new FakeEngine(init)
    await pool.add(engine, { name, ...settings })
    return engine
  }
  const kill = async (engine: FakeEngine): Promise<void> => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    engine.trouble = new RealmeshError('ENGINE_FAILED', 'gone', { cause })
    await pool.check()
  }
  const auto = chatQuery({ model: 'auto' })

  describe('models', () => {
    it('finds a model whatever the case and tag of its name, and tells the engine the exact one', async () => {
      const engine = await add('rig', { models: [fakeModel('Tiny:latest')] })
      engine.script = (run) => run.end()
      const lease = manager().reserve(chatQuery({ model: 'tiny' }), { asker: 'own' }) ?? assert.fail('no lease')
      assert.equal(lease.model, 'Tiny:latest')
      const [start] = await collect(lease.run(chatQuery({ model: 'tiny' }), { signal }))
      assert.deepEqual(start, { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'Tiny:latest' })
      assert.equal(engine.runs[0]?.query.model, 'Tiny:latest')
    })

    it('never gives another model than the one named', async () => {
      await add('rig')
      assert.throws(() => manager().reserve(chatQuery({ model: 'large' }), { asker: 'own' }), {
        code: 'MODEL_NOT_FOUND',
      })
    })

    it('follows an alias for the owner and his federation; to others a name means what bears it', async () => {
      await add('rig', {}, { models: { aliases: { 'gpt-4o': 'tiny' } } })
      const query = chatQuery({ model: 'GPT-4o' })
      assert.equal(manager().reserve(query, { asker: 'home' })?.model, 'tiny')
      assert.throws(() => manager().reserve(query, { asker: 'friend' }), { code: 'MODEL_NOT_FOUND' })
      assert.deepEqual(
        manager()
          .models('own')
          .map(({ model }) => model.name),
        ['tiny', 'gpt-4o'],
      )
      assert.deepEqual(
        manager()
          .models('stranger')
          .map(({ model }) => model.name),
        ['tiny'],
      )
    })

    it("keeps to the realm's own rules", async () => {
      await add('rig', { models: [fakeModel('a'), fakeModel('b')] })
      const strict = manager({ models: { deny: ['a'], aliases: { main: 'b' } } })
      assert.throws(() => strict.reserve(chatQuery({ model: 'a' }), { asker: 'own' }), { code: 'MODEL_NOT_FOUND' })
      assert.equal(strict.reserve(chatQuery({ model: 'main' }), { asker: 'own' })?.model, 'b')
    })

    it('takes for auto a model in memory first', async () => {
      const engine = await add('rig', { models: [fakeModel('cold'), fakeModel('warm')] })
      engine.loadReport = { warmModels: ['warm:latest'] }
      await pool.check()
      assert.equal(manager().reserve(auto, { asker: 'own' })?.model, 'warm')
    })

    it('takes for auto one that can do what the query needs', async () => {
      await add('rig', {
        models: [fakeModel('blind'), fakeModel('sees', { types: ['chat', 'vision'], capabilities: SEES })],
      })
      const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const
      const query = chatQuery({ model: '', body: { messages: [{ role: 'user', content: [image] }] } })
      assert.equal(manager().reserve(query, { asker: 'own' })?.model, 'sees')
    })

    it('merges the workers that serve a model', async () => {
      await add('one', { slots: 2 })
      await add('two', { kind: 'other', slots: 3, models: [fakeModel('TINY')] })
      const [row, ...more] = manager().models('own')
      assert.deepEqual([row?.model.name, row?.slots, row?.engines, more], ['tiny', 5, ['fake', 'other'], []])
    })

    it('lists nothing of an engine that is down', async () => {
      await kill(await add('rig'))
      assert.deepEqual([manager().models('own'), manager().loads('own')], [[], []])
    })
  })

  describe('refusals', () => {
    const ROWS: readonly [string, Parameters<typeof chatQuery>[0], string][] = [
      ['a model that nobody has', { model: 'none' }, 'MODEL_NOT_FOUND'],
      ['a type that nobody serves', { model: 'auto', type: 'vision' }, 'NO_WORKER'],
      ['a type that the model does not serve', { type: 'vision' }, 'CAPABILITY_MISSING'],
      ['tools', { body: { messages: [], tools: [{ name: 'f' }] } }, 'CAPABILITY_MISSING'],
      [
        'tools, whatever the model',
        { model: '', body: { messages: [], tools: [{ name: 'f' }] } },
        'CAPABILITY_MISSING',
      ],
      ['a prompt too long', { body: { messages: [{ role: 'user', content: 'x'.repeat(9_000) }] } }, 'CONTEXT_TOO_LONG'],
    ]
    for (const [what, query, code] of ROWS) {
      it(`${what}: ${code}`, async () => {
        await add('rig', { models: [fakeModel('tiny', { contextLength: 1_000 })] })
        assert.throws(() => manager().reserve(chatQuery(query), { asker: 'own' }), { code })
      })
    }

    it('says which workers are down, to the owner by name, to others without', async () => {
      await kill(await add('rig'))
      assert.throws(() => manager().reserve(chatQuery(), { asker: 'own' }), { code: 'NO_WORKER', message: /rig: gone/ })
      assert.throws(
        () => manager().reserve(chatQuery(), { asker: 'home' }),
        (error) => error instanceof RealmeshError && error.code === 'NO_WORKER' && !error.message.includes('rig'),
      )
    })

    it('knows the model of a worker that is down, and no other', async () => {
      await kill(await add('rig'))
      const says = (model: string) =>
        manager()
          .matched(chatQuery({ model }))
          .map(({ match }) => match.kind)
      assert.deepEqual([says('tiny'), says('unheard-of')], [['fit'], ['none']])
    })

    it('says when a pause ends', async () => {
      await add('rig')
      pool.pause(5_000)
      assert.throws(() => manager().reserve(chatQuery(), { asker: 'friend' }), {
        code: 'NO_WORKER',
        retryAfterMs: 5_000,
      })
      assert.notEqual(manager().reserve(chatQuery(), { asker: 'own' }), undefined)
    })

    it('serves and counts for each asker what its workers share with them, wherever the query came from', async () => {
      await add('rig', { models: [fakeModel('tiny')] }, { scope: 'friends', slots: 2 })
      for (const query of [chatQuery(), chatQuery({ origin: 'peer' })]) {
        const slots = ASKERS.map((asker) => manager().capacity(query, asker).slots)
        assert.deepEqual(slots, [2, 2, 2, 0])
        assert.throws(() => manager().reserve(query, { asker: 'stranger' }), { code: 'MODEL_NOT_FOUND' })
        assert.equal(manager().reserve(query, { asker: 'friend' })?.worker, 'rig')
      }
    })

    it('does not go back to a worker that failed the query', async () => {
      await add('one')
      await add('two')
      const exclude = new Set(['one'])
      assert.equal(manager().reserve(chatQuery(), { asker: 'own', exclude })?.worker, 'two')
      exclude.add('two')
      assert.throws(() => manager().reserve(chatQuery(), { asker: 'own', exclude }), { code: 'NO_WORKER' })
    })
  })

  describe('waiting', () => {
    it('gives nothing while all slots are taken, and tells when one is free', async () => {
      await add('rig')
      const workers = manager()
      const lease = workers.reserve(chatQuery(), { asker: 'own' })
      assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
      let freed = 0
      const stop = workers.onSlotFree(() => {
        freed += 1
      })
      lease?.release()
      lease?.release()
      assert.equal(freed, 1)
      stop()
      assert.notEqual(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
    })

    it('wakes those who wait when the engine dies, so that they need not', async () => {
      const engine = await add('rig')
      const workers = manager()
      workers.reserve(chatQuery(), { asker: 'own' })
      const woken = new Promise<void>((resolve) => workers.onSlotFree(resolve))
      await kill(engine)
      await woken
      assert.throws(() => workers.reserve(chatQuery(), { asker: 'own' }), { code: 'NO_WORKER' })
    })

    it('shares slots between realms', async () => {
      await add('rig')
      const other = manager({ realm: '$OTHER' })
      other.reserve(chatQuery(), { asker: 'own' })
      assert.equal(manager().reserve(chatQuery(), { asker: 'own' }), undefined)
    })
  })

  describe('built-ins', () => {
    beforeEach(async () => {
      await add('guide', { kind: 'builtin/guide', models: [fakeModel('guide')] })
    })

    it('answer where no real engine does', () => {
      assert.equal(manager().reserve(auto, { asker: 'own' })?.worker, 'guide')
    })

    it('stand back as soon as a real engine serves such queries, even while it is busy or was tried', async () => {
      await add('rig')
      const workers = manager()
      assert.equal(workers.reserve(auto, { asker: 'own' })?.worker, 'rig')
      assert.equal(workers.reserve(auto, { asker: 'own' }), undefined)
      assert.throws(() => workers.reserve(auto, { asker: 'own', exclude: new Set(['rig']) }), { code: 'NO_WORKER' })
    })

    it('stand back when the swarm is asked first', () => {
      assert.throws(() => manager().reserve(auto, { asker: 'own', realOnly: true }), { code: 'NO_WORKER' })
      assert.equal(manager().place(auto, { asker: 'own', realOnly: true }), undefined)
      assert.equal(manager().place(auto, { asker: 'own' })?.engine, 'builtin/guide')
    })

    it('are had by name', async () => {
      await add('rig')
      assert.equal(manager().reserve(chatQuery({ model: 'guide' }), { asker: 'own' })?.worker, 'guide')
    })

    it('are never had by another node', () => {
      for (const asker of ['home', 'friend', 'stranger'] as const) {
        assert.throws(() => manager().reserve(auto, { asker }), { code: 'NO_WORKER' })
        assert.throws(() => manager().reserve(chatQuery({ model: 'guide' }), { asker }), { code: 'MODEL_NOT_FOUND' })
        assert.deepEqual(manager().models(asker), [])
      }
    })
  })

  describe('choosing', () => {
    it('takes turns', async () => {
      for (const name of ['a', 'b', 'c']) await add(name, { slots: 9 })
      const workers = manager({ strategy: 'round_robin' })
      const order = Array.from({ length: 6 }, () => workers.reserve(chatQuery(), { asker: 'own' })?.worker)
      assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'c'])
    })

    it('prefers an engine that is sure of what the query needs to one of which it is only hoped', async () => {
      const capabilities = { ...SEES, tools: true }
      await add('hoped', { slots: 4, models: [fakeModel('m', { capabilities, unsure: ['tools'] })] })
      await add('sure', { slots: 1, models: [fakeModel('m', { capabilities })] })
      const tools = chatQuery({ model: 'm', body: { messages: [], tools: [{ name: 'f' }] } })
      const chosen = () => manager().reserve(tools, { asker: 'own' })?.worker
      assert.deepEqual([chosen(), chosen()], ['sure', 'hoped'])
    })

    it('prefers the engine that holds the model', async () => {
      const cold = await add('cold')
      await add('warm')
      cold.loadReport = { warmModels: [] }
      await pool.check()
      assert.equal(manager().reserve(chatQuery(), { asker: 'own' })?.worker, 'warm')
      assert.equal(manager().reserve(chatQuery(), { asker: 'own' })?.worker, 'cold', 'rather than waiting')
    })

    it('asks the first pool that has a free member, by its own strategy', async () => {
      for (const name of ['a', 'b', 'c']) await add(name, { slots: 2 }, name === 'c' ? { pool: '$FAST' } : {})
      const pools = [{ name: '$FAST', members: ['b'], strategy: 'round_robin' }] as const
      const workers = manager({ pools })
      const order = Array.from({ length: 6 }, () => workers.reserve(chatQuery(), { asker: 'own' })?.worker)
      assert.deepEqual(order, ['b', 'c', 'b', 'c', 'a', 'a'])
    })

    it('uses no more workers than the realm may have, and the usable ones first', async () => {
      const first = await add('a')
      await add('b')
      const workers = manager({ maxWorkers: 1 })
      assert.equal(workers.reserve(chatQuery(), { asker: 'own' })?.worker, 'a')
      assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
      await kill(first)
      assert.equal(workers.reserve(chatQuery(), { asker: 'own' })?.worker, 'b')
    })

    it('keeps to the realms that a worker was given to', async () => {
      await add('a', {}, { realms: ['$OTHER'] })
      assert.throws(() => manager().reserve(chatQuery(), { asker: 'own' }), { code: 'MODEL_NOT_FOUND' })
      assert.equal(manager({ realm: '$OTHER' }).reserve(chatQuery(), { asker: 'own' })?.worker, 'a')
    })
  })

  it('says so when the realm has fewer workers than it wants', async () => {
    const workers = manager({ minWorkers: 2 })
    const engine = await add('a')
    await add('b')
    assert.equal(workers.warning(), undefined)
    await kill(engine)
    assert.equal(workers.warning(), '$CHAT has 1 usable of 2 workers and wants at least 2')
  })

  it('names the engines that it leaves out because it may have no more; none that is down or built in', async () => {
    const workers = manager({ maxWorkers: 2 })
    await add('guide', { kind: 'builtin/guide' })
    for (const name of ['a', 'b', 'c', 'd']) await add(name)
    const down = await add('down')
    await kill(down)
    assert.deepEqual(workers.membership, { taken: ['a', 'b'], leftOut: ['c', 'd'] })
    assert.equal(workers.warning(), '$CHAT leaves out c, d: its max_workers is 2')
    await pool.remove('a')
    await pool.remove('b')
    assert.deepEqual(workers.membership, { taken: ['c', 'd'], leftOut: [] })
    assert.equal(workers.warning(), undefined)
  })

  it('tells capacity, place and load of what fits, busy workers included', async () => {
    const engine = await add('rig', { slots: 2 })
    engine.script = (run) => {
      clock.advance(1_000)
      run.text('x').end({ timings: { decodeTokensPerSecond: 40, prefillTokensPerSecond: 900 } })
    }
    const workers = manager()
    const lease = workers.reserve(chatQuery(), { asker: 'own' }) ?? assert.fail('no lease')
    await collect(lease.run(chatQuery(), { signal }))
    const figures = { slots: 2, running: 1, decodeRate: 40, prefillRate: 900, warm: true }
    assert.deepEqual(workers.capacity(chatQuery(), 'own'), { ...figures, meanJobMs: 1_000 })
    const load = { ...figures, model: 'tiny', queued: 0, estimatedWaitMs: 0 }
    assert.deepEqual(workers.place(chatQuery(), { asker: 'own' }), { model: 'tiny', engine: 'fake', sure: true, load })
    assert.deepEqual(workers.loads('own'), [load])
    assert.equal(workers.capacity(chatQuery({ model: 'none' }), 'own').slots, 0)
    lease.release()
  })

  it('never holds more leases than slots, whatever is reserved, ended, failed or released', async () => {
    const step = fc.record({
      act: fc.constantFrom('reserve', 'end', 'fail', 'leave', 'release'),
      index: fc.nat(7),
      named: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.array(step),
        async (slots, steps) => {
          const ownPool = new WorkerPool({ clock: new ManualClock() })
          await ownPool.start()
          const engines = new Map(slots.map((count, i) => [`w${i}`, new FakeEngine({ slots: count })]))
          for (const [name, engine] of engines) await ownPool.add(engine, { name })
          const workers = new RealmWorkerManager({ pool: ownPool, rng: () => 0.5 }, { ...CHAT, strategy: 'random' })
          const held: WorkerLease[] = []
          const total = slots.reduce((sum, count) => sum + count, 0)
          for (const { act, index, named } of steps) {
            await play(act, index, named, workers, held, engines)
            const running = ownPool.list().map((worker) => worker.slots.own)
            for (const [i, count] of running.entries()) assert.ok(count <= (slots[i] ?? 0))
            assert.equal(
              running.reduce((sum, count) => sum + count, 0),
              held.length,
            )
            assert.ok(held.length <= total)
          }
          for (const lease of held) lease.release()
          assert.deepEqual(
            ownPool.list().map((worker) => worker.slots.own),
            slots.map(() => 0),
          )
          await ownPool.stop()
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** One step of the property: `end`, `fail` and `leave` run a lease before it is released, twice. */
async function play(
  act: 'reserve' | 'end' | 'fail' | 'leave' | 'release',
  index: number,
  named: boolean,
  workers: RealmWorkerManager,
  held: WorkerLease[],
  engines: ReadonlyMap<string, FakeEngine>,
): Promise<void> {
  const query = chatQuery({ model: named ? 'tiny' : 'auto' })
  if (act === 'reserve') {
    try {
      const lease = workers.reserve(query, { asker: 'own' })
      if (lease !== undefined) held.push(lease)
    } catch (error) {
      // An open breaker is a fair answer.
      assert.equal(error instanceof RealmeshError && error.code, 'NO_WORKER')
    }
    return
  }
  const [lease] = held.splice(index, 1)
  if (lease === undefined) return
  if (act !== 'release') await runOnce(act, lease, query, engines.get(lease.worker) ?? assert.fail('no engine'))
  lease.release()
  lease.release()
}

async function runOnce(
  act: 'end' | 'fail' | 'leave',
  lease: WorkerLease,
  query: ReturnType<typeof chatQuery>,
  engine: FakeEngine,
): Promise<void> {
  engine.script = (run) => (act === 'end' ? run.end() : run.fail(new RealmeshError('ENGINE_FAILED', 'out of memory')))
  const events = lease.run(query, { signal })[Symbol.asyncIterator]()
  await events.next()
  if (act === 'leave') await events.return?.()
  else if (act === 'end') assert.equal((await events.next()).done, false)
  else await assert.rejects(events.next(), { code: 'ENGINE_FAILED' })
}
