import assert from 'node:assert/strict'
import { OfferIndex } from '../../../../routing/offers/offer-index.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { chatModel, modelLoad, nodeLoad, routingNode } from '../../../support/routing.ts'

/** An offer that stands in no index yet. */
function freshOffer(model = 'tiny') {
  const view = new RoutingView()
  view.setNode(routingNode('p', { models: [{ model: chatModel({ name: model }), realm: '$CHAT', slots: 2 }] }))
  view.setLoad('p', nodeLoad(1, [modelLoad({ model })]), 0)
  const [offer] = view.offersOf('p', '$CHAT')
  assert.ok(offer !== undefined)
  offer.places = []
  return offer
}

describe('index of offers', () => {
  it('finds an offer by its model and among all of its realm, apart by what its node is to us', () => {
    const index = new OfferIndex()
    const offer = freshOffer()
    index.add(offer)
    assert.deepEqual(index.models('$CHAT'), ['tiny'])
    assert.equal(index.pool('$CHAT', 'tiny')?.home.nth(0), offer)
    assert.equal(index.pool('$CHAT')?.home.nth(0), offer)
    assert.equal(index.pool('$CHAT')?.stranger.size, 0)
    assert.equal(index.pool('$VISION'), undefined)
    assert.equal(index.pool('$CHAT', 'other'), undefined)
  })

  it('weighs an offer anew in both places', () => {
    const index = new OfferIndex()
    const offer = freshOffer()
    index.add(offer)
    const before = index.pool('$CHAT', 'tiny')?.home.total ?? 0
    offer.of.load = modelLoad({ slots: 4 })
    index.reweigh(offer)
    assert.equal(index.pool('$CHAT', 'tiny')?.home.total, 2 * before)
    assert.equal(index.pool('$CHAT')?.home.total, 2 * before * offer.billions)
    offer.of.load = modelLoad({ slots: 0 })
    index.reweigh(offer)
    assert.equal(index.pool('$CHAT')?.home.total, 0)
  })

  it('keeps nothing of a realm or a model that nobody offers any more', () => {
    const index = new OfferIndex()
    const [one, two] = [freshOffer('a'), freshOffer('b')]
    index.add(one)
    index.add(two)
    index.remove(one)
    assert.deepEqual(index.models('$CHAT'), ['b'])
    index.remove(one) // harmless
    index.reweigh(one)
    index.remove(two)
    assert.equal(index.pool('$CHAT'), undefined)
  })
})
