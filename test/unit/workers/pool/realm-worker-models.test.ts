import assert from 'node:assert/strict'
import { collect } from '../../../support/collect.ts'
import { fakeModel } from '../../../support/fake-engine.ts'
import { chatQuery } from '../../../support/query.ts'
import { RealmBench, SEES } from '../../../support/realm-bench.ts'

const { signal } = new AbortController()
const auto = chatQuery({ model: 'auto' })

describe('the models of a realm', () => {
  let bench: RealmBench
  beforeEach(async () => {
    bench = await RealmBench.start()
  })
  afterEach(() => bench.stop())

  it('finds a model whatever the case and tag of its name, and tells the engine the exact one', async () => {
    const engine = await bench.add('rig', { models: [fakeModel('Tiny:latest')] })
    engine.script = (run) => run.end()
    const lease = bench.manager().reserve(chatQuery({ model: 'tiny' }), { asker: 'own' }) ?? assert.fail('no lease')
    assert.equal(lease.model, 'Tiny:latest')
    const [start] = await collect(lease.run(chatQuery({ model: 'tiny' }), { signal }))
    assert.deepEqual(start, { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'Tiny:latest' })
    assert.equal(engine.runs[0]?.query.model, 'Tiny:latest')
  })

  it('never gives another model than the one named', async () => {
    await bench.add('rig')
    assert.throws(() => bench.manager().reserve(chatQuery({ model: 'large' }), { asker: 'own' }), {
      code: 'MODEL_NOT_FOUND',
    })
  })

  it('follows an alias for the owner and their federation; to others a name means what bears it', async () => {
    await bench.add('rig', {}, { models: { aliases: { 'gpt-4o': 'tiny' } } })
    const query = chatQuery({ model: 'GPT-4o' })
    assert.equal(bench.manager().reserve(query, { asker: 'home' })?.model, 'tiny')
    assert.throws(() => bench.manager().reserve(query, { asker: 'friend' }), { code: 'MODEL_NOT_FOUND' })
    assert.deepEqual(
      bench
        .manager()
        .models('own')
        .map(({ model }) => model.name),
      ['tiny', 'gpt-4o'],
    )
    assert.deepEqual(
      bench
        .manager()
        .models('stranger')
        .map(({ model }) => model.name),
      ['tiny'],
    )
  })

  it("keeps to the realm's own rules", async () => {
    await bench.add('rig', { models: [fakeModel('a'), fakeModel('b')] })
    const strict = bench.manager({ models: { deny: ['a'], aliases: { main: 'b' } } })
    assert.throws(() => strict.reserve(chatQuery({ model: 'a' }), { asker: 'own' }), { code: 'MODEL_NOT_FOUND' })
    assert.equal(strict.reserve(chatQuery({ model: 'main' }), { asker: 'own' })?.model, 'b')
  })

  it('takes for auto a model in memory first', async () => {
    const engine = await bench.add('rig', { models: [fakeModel('cold'), fakeModel('warm')] })
    engine.loadReport = { warmModels: ['warm:latest'] }
    await bench.pool.check()
    assert.equal(bench.manager().reserve(auto, { asker: 'own' })?.model, 'warm')
  })

  it('takes for auto one that can do what the query needs', async () => {
    await bench.add('rig', {
      models: [fakeModel('blind'), fakeModel('sees', { types: ['chat', 'vision'], capabilities: SEES })],
    })
    const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const
    const query = chatQuery({ model: '', body: { messages: [{ role: 'user', content: [image] }] } })
    assert.equal(bench.manager().reserve(query, { asker: 'own' })?.model, 'sees')
  })

  it('merges the workers that serve a model', async () => {
    await bench.add('one', { slots: 2 })
    await bench.add('two', { kind: 'other', slots: 3, models: [fakeModel('TINY')] })
    const [row, ...more] = bench.manager().models('own')
    assert.deepEqual([row?.model.name, row?.slots, row?.engines, more], ['tiny', 5, ['fake', 'other'], []])
  })

  it('lists nothing of an engine that is down', async () => {
    await bench.kill(await bench.add('rig'))
    assert.deepEqual([bench.manager().models('own'), bench.manager().loads('own')], [[], []])
  })
})
