import assert from 'node:assert/strict'
import { OfferDraw } from '../../../../routing/offers/draw-offers.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { chatModel, modelLoad, nodeLoad, routeQuestion, routingNode } from '../../../support/routing.ts'

const NOW = 1_000_000

function swarm(load: Parameters<typeof modelLoad>[0] = {}): RoutingView {
  const view = new RoutingView()
  view.setNode(routingNode('p', { models: [{ model: chatModel(), realm: '$CHAT', slots: 2 }] }))
  view.setLoad('p', nodeLoad(1, [modelLoad({ slots: 2, running: 0, queued: 0, ...load })]), NOW)
  return view
}

/** Whether a batch, or another query, may be sent to the peer. */
function takes(view: RoutingView, priority: 'live' | 'batch', now = NOW): boolean {
  const pool = view.pool('$CHAT', 'tiny') ?? assert.fail('no pool')
  return new OfferDraw(pool, routeQuestion({ priority }), now, () => 0).several(1).length === 1
}

describe('sends of a batch', () => {
  it('go to peers that say they are idle, as many as there are slots', () => {
    const view = swarm()
    assert.equal(takes(view, 'batch'), true)
    const first = view.noteSent('p', 'tiny', NOW, 0, 'batch')
    view.noteSent('p', 'tiny', NOW, 0, 'batch')
    assert.equal(takes(view, 'batch'), false)
    view.noteOutcome(first, { ok: true }, NOW)
    assert.equal(takes(view, 'batch'), true)
  })

  for (const [what, load] of [
    ['serves', { running: 1 }],
    ['has others wait', { queued: 1 }],
  ] as const) {
    it(`do not go to a peer that ${what}`, () => {
      assert.equal(takes(swarm(load), 'batch'), false)
      assert.equal(takes(swarm(load), 'live'), true)
    })
  }

  it('do not go where a query of ours is waited for', () => {
    const view = swarm()
    view.noteSent('p', 'tiny', NOW)
    assert.equal(takes(view, 'batch'), false)
  })

  it('leave a peer alone that has no room, for as long as it says, and hold that against nothing else', () => {
    const view = swarm()
    const before = view.evidence('p', 'tiny')
    view.noteOutcome(
      view.noteSent('p', 'tiny', NOW, 0, 'batch'),
      { ok: false, code: 'REALM_OVERLOADED', retryAfterMs: 700 },
      NOW,
    )
    assert.equal(takes(view, 'batch', NOW + 699), false)
    assert.equal(takes(view, 'live', NOW), true)
    assert.deepEqual(view.evidence('p', 'tiny'), before)
    assert.equal(takes(view, 'batch', NOW + 700), true)
  })

  it('teach what a peer that fails is worth', () => {
    const view = swarm()
    view.noteOutcome(view.noteSent('p', 'tiny', NOW, 0, 'batch'), { ok: false, code: 'ENGINE_FAILED' }, NOW)
    assert.equal(view.evidence('p', 'tiny')?.breaker.failures, 1)
  })

  it('are no silence, and make no other query expect a wait', () => {
    const view = swarm()
    view.noteSent('p', 'tiny', NOW, 0, 'batch')
    const [offer] = view.offersOf('p', '$CHAT')
    assert.equal(offer?.of.silent, 0)
    assert.equal(offer?.of.unreported, 0)
  })
})
