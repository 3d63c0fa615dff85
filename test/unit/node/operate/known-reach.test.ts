import assert from 'node:assert/strict'
import type { Model } from '../../../../core/model/model.ts'
import type { ChatQuery } from '../../../../core/query/query.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { KnownReach } from '../../../../node/operate/known-reach.ts'
import { RealmRegistry } from '../../../../node/realm/realm-registry.ts'
import { swarmOffer } from '../../../../node/serve/swarm-offer.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { defaultConfig } from '../../../support/default-config.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { chatModel, modelLoad, nodeLoad } from '../../../support/routing.ts'

const card = (...models: readonly Model[]): Card => ({
  peerId: 'p',
  network: 'main',
  version: '0',
  name: 'attic',
  label: 'attic',
  realms: [],
  models: models.map((model) => ({ realm: '$CHAT', model, slots: 1 })),
  share: 'home',
  addresses: [],
  seq: 1,
  issuedAt: 0,
})

function reach() {
  const clock = new ManualClock()
  const judge = () => ({ relation: 'home', until: Number.POSITIVE_INFINITY }) as const
  const peers = new PeerTable({ routing: new RoutingView(), clock, judge })
  const pool = new WorkerPool({ clock })
  const realms = new RealmRegistry({ pool, clock }, { node: 'me', realms: defaultConfig().realms })
  const { fits } = swarmOffer(realms, pool, () => 'home')
  const offer = (...models: readonly Model[]): void => {
    peers.setConnected('p', true)
    peers.setCard(card(...models))
  }
  return { pool, peers, offer, reach: new KnownReach({ realms, peers, clock, fits }, { self: 'me' }) }
}

const SHORT = chatModel({ contextLength: 10 })
const LONG: Partial<ChatQuery> = { body: { messages: [{ role: 'user', content: 'long '.repeat(100) }] } }
const TOOLS: Partial<ChatQuery> = {
  body: { messages: [{ role: 'user', content: 'x' }], tools: [{ name: 'f', parameters: {} }] },
}
const EMBEDDER = chatModel({ name: 'embedder', types: ['embed'] })

describe('KnownReach', () => {
  it('knows that an engine still loads a model that nobody knows yet', async () => {
    const { reach: known, pool } = reach()
    const engine = new FakeEngine({ models: [chatModel()] })
    engine.trouble = new RealmeshError('ENGINE_LOADING', 'it loads its model')
    await pool.add(engine, { name: 'rig' })
    await pool.start()
    assert.equal(known.isLoading(chatQuery()), true)
    engine.trouble = undefined
    await pool.check()
    assert.equal(known.isLoading(chatQuery()), false)
    await pool.stop()
  })

  const LACKS: readonly (readonly [string, readonly Model[], Partial<ChatQuery>, RegExp])[] = [
    ['a window, with both numbers', [SHORT], LONG, /^about 125 tokens of prompt do not fit into the 10 of tiny/],
    ['a window, where any will do', [EMBEDDER, SHORT], { ...LONG, model: 'auto' }, /^about 125 .* the 10 of tiny/],
    ['tools', [chatModel()], TOOLS, /^tiny cannot call tools/],
    ['tools, where any will do', [EMBEDDER, chatModel()], { ...TOOLS, model: 'auto' }, /^tiny cannot call tools/],
    ['chat', [EMBEDDER], { model: 'embedder' }, /^embedder does not chat; it makes embeddings$/],
    ['sight, where any will do', [chatModel()], { model: 'auto', type: 'vision' }, /^tiny cannot see pictures/],
  ]
  for (const [what, models, query, message] of LACKS) {
    it(`says that the model of a peer lacks ${what}`, () => {
      const { reach: known, offer } = reach()
      offer(...models)
      const lack = known.misfit(chatQuery(query), 'home') ?? assert.fail('nothing is missing')
      assert.match(lack.message, message)
      assert.equal(known.misfit(chatQuery(query), 'local'), undefined, 'outside the scope')
    })

    it(`says that an own model lacks ${what}`, async () => {
      const { reach: known, pool } = reach()
      await pool.add(new FakeEngine({ models }), { name: 'rig' })
      await pool.start()
      assert.match(known.misfit(chatQuery(query), 'local')?.message ?? '', message)
      await pool.stop()
    })
  }

  it('misses nothing where one model fits, and knows nothing of one that nobody has', () => {
    const { reach: known, offer } = reach()
    offer(SHORT, chatModel({ name: 'large' }))
    assert.equal(known.misfit(chatQuery({ ...LONG, model: 'auto' }), 'home'), undefined)
    assert.equal(known.misfit(chatQuery({ model: 'unheard-of' }), 'home'), undefined)
    assert.deepEqual(known.names('home'), ['tiny', 'large'])
  })

  it('tells a pause from a failure', () => {
    const { reach: known, offer, peers } = reach()
    offer(chatModel())
    assert.deepEqual(known.troubles(chatQuery(), 'home'), [
      { reason: 'attic is down or has failed this query', wanted: false },
    ])
    peers.setLoad('p', { ...nodeLoad(1, []), paused: true })
    assert.deepEqual(known.troubles(chatQuery(), 'home'), [{ reason: 'attic is paused by its owner', wanted: true }])
  })

  it('knows the model of a peer that is paused or down, although its card names it no more', () => {
    const { reach: known, offer, peers } = reach()
    offer()
    const none = { ...nodeLoad(1, [modelLoad({ slots: 0 })]), paused: true }
    for (const model of ['tiny', 'auto']) {
      assert.equal(known.isOffered(chatQuery({ model }), 'home'), false)
    }
    peers.setLoad('p', none)
    for (const model of ['tiny', 'auto']) {
      const query = chatQuery({ model })
      assert.equal(known.isOffered(query, 'home'), true)
      assert.equal(known.isServedByPeers(query, 'home'), true)
      assert.deepEqual(known.troubles(query, 'home'), [{ reason: 'attic is paused by its owner', wanted: true }])
    }
    assert.equal(known.isOffered(chatQuery({ model: 'other' }), 'home'), false)
  })

  it('counts an engine of a peer that was lost lately as one, for no built-in may stand in for it', () => {
    const { reach: known, offer, peers } = reach()
    const served = (): boolean => known.isServedByPeers(chatQuery({ model: 'auto' }), 'home')
    assert.equal(served(), false)
    offer(EMBEDDER)
    assert.equal(served(), false)
    offer(chatModel())
    assert.equal(served(), true)
    peers.setConnected('p', false)
    assert.equal(served(), true)
  })
})
