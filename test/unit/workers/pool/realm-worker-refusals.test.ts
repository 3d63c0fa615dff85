import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { ASKERS } from '../../../../core/scope.ts'
import { fakeModel } from '../../../support/fake-engine.ts'
import { chatQuery } from '../../../support/query.ts'
import { RealmBench } from '../../../support/realm-bench.ts'

describe('what a realm refuses', () => {
  let bench: RealmBench
  beforeEach(async () => {
    bench = await RealmBench.start()
  })
  afterEach(() => bench.stop())

  const ROWS: readonly [string, Parameters<typeof chatQuery>[0], string][] = [
    ['a model that nobody has', { model: 'none' }, 'MODEL_NOT_FOUND'],
    ['a type that nobody serves', { model: 'auto', type: 'vision' }, 'NO_WORKER'],
    ['a type that the model does not serve', { type: 'vision' }, 'CAPABILITY_MISSING'],
    ['tools', { body: { messages: [], tools: [{ name: 'f' }] } }, 'CAPABILITY_MISSING'],
    ['tools, whatever the model', { model: '', body: { messages: [], tools: [{ name: 'f' }] } }, 'CAPABILITY_MISSING'],
    ['a prompt too long', { body: { messages: [{ role: 'user', content: 'x'.repeat(9_000) }] } }, 'CONTEXT_TOO_LONG'],
  ]
  for (const [what, query, code] of ROWS) {
    it(`${what}: ${code}`, async () => {
      await bench.add('rig', { models: [fakeModel('tiny', { contextLength: 1_000 })] })
      assert.throws(() => bench.manager().reserve(chatQuery(query), { asker: 'own' }), { code })
    })
  }

  it('says which workers are down, to the owner by name, to others without', async () => {
    await bench.kill(await bench.add('rig'))
    assert.throws(() => bench.manager().reserve(chatQuery(), { asker: 'own' }), {
      code: 'NO_WORKER',
      message: /rig: gone/,
    })
    assert.throws(
      () => bench.manager().reserve(chatQuery(), { asker: 'home' }),
      (error) => error instanceof RealmeshError && error.code === 'NO_WORKER' && !error.message.includes('rig'),
    )
  })

  it('knows the model of a worker that is down, and no other', async () => {
    await bench.kill(await bench.add('rig'))
    const says = (model: string) =>
      bench
        .manager()
        .matched(chatQuery({ model }))
        .map(({ match }) => match.kind)
    assert.deepEqual([says('tiny'), says('unheard-of')], [['fit'], ['none']])
  })

  it('says when a pause ends', async () => {
    await bench.add('rig')
    bench.pool.pause(5_000)
    assert.throws(() => bench.manager().reserve(chatQuery(), { asker: 'friend' }), {
      code: 'NO_WORKER',
      retryAfterMs: 5_000,
    })
    assert.notEqual(bench.manager().reserve(chatQuery(), { asker: 'own' }), undefined)
  })

  it('serves and counts for each asker what its workers share with them, wherever the query came from', async () => {
    await bench.add('rig', { models: [fakeModel('tiny')] }, { scope: 'friends', slots: 2 })
    for (const query of [chatQuery(), chatQuery({ origin: 'peer' })]) {
      const slots = ASKERS.map((asker) => bench.manager().capacity(query, asker).slots)
      assert.deepEqual(slots, [2, 2, 2, 0])
      assert.throws(() => bench.manager().reserve(query, { asker: 'stranger' }), { code: 'MODEL_NOT_FOUND' })
      assert.equal(bench.manager().reserve(query, { asker: 'friend' })?.worker, 'rig')
    }
  })

  it('does not go back to a worker that failed the query', async () => {
    await bench.add('one')
    await bench.add('two')
    const exclude = new Set(['one'])
    assert.equal(bench.manager().reserve(chatQuery(), { asker: 'own', exclude })?.worker, 'two')
    exclude.add('two')
    assert.throws(() => bench.manager().reserve(chatQuery(), { asker: 'own', exclude }), { code: 'NO_WORKER' })
  })
})
