import assert from 'node:assert/strict'
import type { Model } from '../../../../core/model/model.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { listedModel, listedModels, lostOffers, unsharedOffers } from '../../../../node/operate/known-models.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const MODEL: Model = {
  name: 'tiny',
  types: ['chat'],
  capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: true },
}

const card = (overrides: Partial<Card> = {}): Card => ({
  peerId: 'p',
  network: 'main',
  version: '0',
  name: 'attic',
  label: '',
  realms: [],
  models: [{ realm: '$CHAT', model: MODEL, slots: 1 }],
  share: 'home',
  addresses: [],
  seq: 1,
  issuedAt: 0,
  ...overrides,
})

const tiny = (model: Model): boolean => model.name === 'tiny'

function table(relation: 'home' | 'stranger') {
  const clock = new ManualClock()
  const judge = () => ({ relation, until: Number.POSITIVE_INFINITY })
  return { clock, peers: new PeerTable({ routing: new RoutingView(), clock, judge }) }
}

describe('lostOffers', () => {
  it('knows the model of a node that went away, for ten minutes', () => {
    const { clock, peers } = table('home')
    peers.setConnected('p', true)
    peers.setCard(card())
    const lost = (): boolean => lostOffers(peers, 'home', clock.monotonic(), tiny)
    assert.equal(lost(), false, 'it is there: not lost')
    peers.setConnected('p', false)
    assert.equal(lost(), true)
    clock.advance(10 * 60_000 + 1)
    assert.equal(lost(), false)
  })

  it('does not count a node that the scope does not reach', () => {
    const { clock, peers } = table('stranger')
    peers.setConnected('p', true)
    peers.setCard(card({ share: 'public' }))
    peers.setConnected('p', false)
    assert.equal(lostOffers(peers, 'home', clock.monotonic(), tiny), false)
    assert.equal(lostOffers(peers, 'public', clock.monotonic(), tiny), true)
  })
})

describe('listedModels', () => {
  it('tells which nodes have a model in memory, as far as they say', () => {
    const { peers } = table('home')
    peers.setConnected('p', true)
    peers.setCard(card())
    const loaded = () => listedModels({ realms: { list: () => [] }, peers }, 'home', 'self')[0]?.loaded
    assert.deepEqual(loaded(), [])
    const load = { model: 'tiny', slots: 1, running: 0, queued: 0, estimatedWaitMs: 0, decodeRate: 0, prefillRate: 0 }
    peers.setLoad('p', { seq: 1, at: 0, draining: false, models: [{ ...load, warm: true }] })
    assert.deepEqual(loaded(), ['p'])
  })
})

describe('listedModel', () => {
  it('is the row of that model, by any of its names, or none', () => {
    const { peers } = table('home')
    peers.setConnected('p', true)
    const other = { realm: '$CHAT', model: { ...MODEL, name: 'other' }, slots: 1 }
    peers.setCard(card({ models: [other, { realm: '$CHAT', model: MODEL, slots: 1 }] }))
    const components = { realms: { list: () => [] }, peers }
    const [, tiny] = listedModels(components, 'home', 'self')
    assert.equal(tiny?.model.name, 'tiny')
    assert.deepEqual(listedModel(components, 'home', 'self', 'Tiny:latest'), tiny)
    assert.equal(listedModel(components, 'home', 'self', 'nope'), undefined)
    assert.equal(listedModel(components, 'local', 'self', 'tiny'), undefined)
  })
})

describe('unsharedOffers', () => {
  it('counts nodes that have the model and do not serve us', () => {
    const { peers } = table('stranger')
    peers.setConnected('p', true)
    peers.setCard(card({ share: 'home' }))
    assert.equal(unsharedOffers(peers, tiny), 1)
    assert.equal(
      unsharedOffers(peers, (model) => model.name === 'other'),
      0,
    )
    peers.setCard(card({ share: 'public', seq: 2 }))
    assert.equal(unsharedOffers(peers, tiny), 0)
  })
})
