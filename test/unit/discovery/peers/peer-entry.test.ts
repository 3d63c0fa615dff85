import assert from 'node:assert/strict'
import { doubtsCard } from '../../../../discovery/peers/peer-entry.ts'
import { testCard } from '../../../support/cards.ts'
import { chatModel, modelLoad, nodeLoad } from '../../../support/routing.ts'

describe('doubts about a card', () => {
  const card = testCard('a', {
    models: ['Tiny', 'big'].map((name) => ({ realm: '$CHAT', model: chatModel({ name }), slots: 1 })),
  })

  function said(...models: readonly string[]) {
    return nodeLoad(
      1,
      models.map((model) => modelLoad({ model })),
    )
  }

  it('arise when a record speaks of a model that is not on it, whatever the spelling', () => {
    assert.ok(!doubtsCard(card, undefined, said('tiny:latest', 'big')))
    assert.ok(doubtsCard(card, undefined, said('tiny', 'new')))
  })

  it('arise when a record no longer speaks of all models of which the one before did', () => {
    assert.ok(doubtsCard(card, said('tiny', 'big'), said('tiny')))
  })

  it('do not arise when a record speaks of a model without a place for it: while paused or down it is on no card', () => {
    const paused = nodeLoad(1, [modelLoad({ model: 'gone', slots: 0 })])
    assert.ok(!doubtsCard(card, undefined, paused))
    assert.ok(!doubtsCard({ ...card, models: [] }, paused, paused))
  })

  it('do not arise when records never spoke of all models: they are cut to their size', () => {
    assert.ok(!doubtsCard(card, said('tiny'), said('tiny')))
    assert.ok(!doubtsCard(card, undefined, said('tiny')))
  })

  it('arise when a record names another card, older or newer: its node knows which one holds', () => {
    for (const card of [1, 3]) {
      assert.ok(doubtsCard({ ...testCard('a'), seq: 2 }, undefined, { ...said(), card }))
    }
    assert.ok(!doubtsCard({ ...testCard('a'), seq: 2 }, undefined, { ...said(), card: 2 }))
  })

  it('are there from the start when there is no card', () => {
    assert.ok(doubtsCard(undefined, undefined, said()))
  })
})
