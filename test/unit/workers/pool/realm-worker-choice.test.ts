import assert from 'node:assert/strict'
import { fakeModel } from '../../../support/fake-engine.ts'
import { chatQuery } from '../../../support/query.ts'
import { RealmBench, SEES } from '../../../support/realm-bench.ts'

const auto = chatQuery({ model: 'auto' })

describe('the worker that a realm chooses', () => {
  let bench: RealmBench
  beforeEach(async () => {
    bench = await RealmBench.start()
  })
  afterEach(() => bench.stop())

  it('takes turns', async () => {
    for (const name of ['a', 'b', 'c']) await bench.add(name, { slots: 9 })
    const workers = bench.manager({ strategy: 'round_robin' })
    const order = Array.from({ length: 6 }, () => workers.reserve(chatQuery(), { asker: 'own' })?.worker)
    assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'c'])
  })

  it('prefers an engine that is sure of what the query needs to one of which it is only hoped', async () => {
    const capabilities = { ...SEES, tools: true }
    await bench.add('hoped', { slots: 4, models: [fakeModel('m', { capabilities, unsure: ['tools'] })] })
    await bench.add('sure', { slots: 1, models: [fakeModel('m', { capabilities })] })
    const tools = chatQuery({ model: 'm', body: { messages: [], tools: [{ name: 'f' }] } })
    const chosen = () => bench.manager().reserve(tools, { asker: 'own' })?.worker
    assert.deepEqual([chosen(), chosen()], ['sure', 'hoped'])
  })

  it('prefers the engine that holds the model', async () => {
    const cold = await bench.add('cold')
    await bench.add('warm')
    cold.loadReport = { warmModels: [] }
    await bench.pool.check()
    assert.equal(bench.manager().reserve(chatQuery(), { asker: 'own' })?.worker, 'warm')
    assert.equal(bench.manager().reserve(chatQuery(), { asker: 'own' })?.worker, 'cold', 'rather than waiting')
  })

  it('asks the first pool that has a free member, by its own strategy', async () => {
    for (const name of ['a', 'b', 'c']) await bench.add(name, { slots: 2 }, name === 'c' ? { pool: '$FAST' } : {})
    const pools = [{ name: '$FAST', members: ['b'], strategy: 'round_robin' }] as const
    const workers = bench.manager({ pools })
    const order = Array.from({ length: 6 }, () => workers.reserve(chatQuery(), { asker: 'own' })?.worker)
    assert.deepEqual(order, ['b', 'c', 'b', 'c', 'a', 'a'])
  })

  it('uses no more workers than the realm may have, and the usable ones first', async () => {
    const first = await bench.add('a')
    await bench.add('b')
    const workers = bench.manager({ maxWorkers: 1 })
    assert.equal(workers.reserve(chatQuery(), { asker: 'own' })?.worker, 'a')
    assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
    await bench.kill(first)
    assert.equal(workers.reserve(chatQuery(), { asker: 'own' })?.worker, 'b')
  })

  it('keeps to the realms that a worker was given to', async () => {
    await bench.add('a', {}, { realms: ['$OTHER'] })
    assert.throws(() => bench.manager().reserve(chatQuery(), { asker: 'own' }), { code: 'MODEL_NOT_FOUND' })
    assert.equal(bench.manager({ realm: '$OTHER' }).reserve(chatQuery(), { asker: 'own' })?.worker, 'a')
  })

  describe('built-ins', () => {
    beforeEach(async () => {
      await bench.add('guide', { kind: 'builtin/guide', models: [fakeModel('guide')] })
    })

    it('answer where no real engine does', () => {
      assert.equal(bench.manager().reserve(auto, { asker: 'own' })?.worker, 'guide')
    })

    it('stand back as soon as a real engine serves such queries, even while it is busy or was tried', async () => {
      await bench.add('rig')
      const workers = bench.manager()
      assert.equal(workers.reserve(auto, { asker: 'own' })?.worker, 'rig')
      assert.equal(workers.reserve(auto, { asker: 'own' }), undefined)
      assert.throws(() => workers.reserve(auto, { asker: 'own', exclude: new Set(['rig']) }), { code: 'NO_WORKER' })
    })

    it('stand back when the swarm is asked first', () => {
      assert.throws(() => bench.manager().reserve(auto, { asker: 'own', realOnly: true }), { code: 'NO_WORKER' })
      assert.equal(bench.manager().place(auto, { asker: 'own', realOnly: true }), undefined)
      assert.equal(bench.manager().place(auto, { asker: 'own' })?.engine, 'builtin/guide')
    })

    it('are had by name', async () => {
      await bench.add('rig')
      assert.equal(bench.manager().reserve(chatQuery({ model: 'guide' }), { asker: 'own' })?.worker, 'guide')
    })

    it('are never had by another node', () => {
      for (const asker of ['home', 'friend', 'stranger'] as const) {
        assert.throws(() => bench.manager().reserve(auto, { asker }), { code: 'NO_WORKER' })
        assert.throws(() => bench.manager().reserve(chatQuery({ model: 'guide' }), { asker }), {
          code: 'MODEL_NOT_FOUND',
        })
        assert.deepEqual(bench.manager().models(asker), [])
      }
    })
  })
})
