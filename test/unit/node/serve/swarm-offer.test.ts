import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { Scope } from '../../../../core/scope.ts'
import { RealmRegistry } from '../../../../node/realm/realm-registry.ts'
import { swarmOffer } from '../../../../node/serve/swarm-offer.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

describe('what a node offers to others', () => {
  async function setUp() {
    const clock = new ManualClock()
    const pool = new WorkerPool({ clock })
    await pool.start()
    const closed = new FakeEngine({ models: [fakeModel('secret')] })
    const open = new FakeEngine({ models: [fakeModel('tiny')] })
    await pool.add(closed, { name: 'closed', scope: 'home', slots: 2 })
    await pool.add(open, { name: 'open', scope: 'public', slots: 3 })
    const realms = new RealmRegistry({ pool, clock }, { node: 'me', realms: defaultConfig().realms })
    return { pool, open, offer: (share: Scope) => swarmOffer(realms, pool, () => share) }
  }

  for (const [share, models] of [
    ['local', []],
    ['home', ['secret 2', 'tiny 3']],
    ['friends', ['tiny 3']],
    ['public', ['tiny 3']],
  ] as const) {
    it(`is what the widest circle of the share ${share} may have`, async () => {
      const { offer } = await setUp()
      const card = offer(share).models()
      assert.deepEqual([...new Set(card.map(({ model, slots }) => `${model.name} ${slots}`))], models)
      const loads = offer(share).loads()
      const served = loads.filter(({ slots }) => slots > 0).map(({ model, slots }) => `${model} ${slots}`)
      assert.deepEqual(served, models)
    })
  }

  it('counts a worker once in the load of the node, however many models and realms it serves', async () => {
    const { pool, offer } = await setUp()
    const models = ['a', 'b', 'c'].map((name) => fakeModel(name))
    const many = await pool.add(new FakeEngine({ models }), { name: 'many', scope: 'public', slots: 1 })
    many.take(models[0] ?? assert.fail(), 'me', 1)
    assert.deepEqual(offer('public').total(), { slots: 4, running: 1, queued: 0 })
    assert.deepEqual(offer('home').total(), { slots: 6, running: 1, queued: 0 })
    assert.deepEqual(offer('local').total(), { slots: 0, running: 0, queued: 0 })
  })

  it('says that a model has no slots while its engine is down', async () => {
    const { pool, open, offer } = await setUp()
    open.trouble = new RealmeshError('ENGINE_FAILED', 'gone', {
      cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
    })
    await pool.check()
    const tiny = offer('public')
      .loads()
      .find(({ model }) => model === 'tiny')
    assert.equal(tiny?.slots, 0)
  })

  it('names its realms, and knows what fits a query', async () => {
    const { offer } = await setUp()
    const { realms, fits } = offer('home')
    assert.ok(realms().some(({ name, queryType }) => name === '$CHAT' && queryType === 'chat'))
    const model = fakeModel('Tiny:latest')
    assert.equal(fits(model, chatQuery({ model: 'tiny' })), true)
    assert.equal(fits(model, chatQuery({ model: 'auto' })), true)
    assert.equal(fits(model, chatQuery({ model: 'large' })), false)
    assert.equal(fits(model, chatQuery({ model: 'tiny', body: { messages: [], tools: [{ name: 'f' }] } })), false)
    assert.equal(fits(fakeModel('tiny', { types: ['embed'] }), chatQuery({ model: 'tiny' })), false)
  })
})
