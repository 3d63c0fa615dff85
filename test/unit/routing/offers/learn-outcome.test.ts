import assert from 'node:assert/strict'
import type { ErrorCode } from '../../../../core/realmesh-error.ts'
import type { SendOutcome } from '../../../../routing/learning/evidence.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { modelLoad, nodeLoad, routingNode } from '../../../support/routing.ts'

const NOW = 1_000_000

/** What a send to a peer with this record taught, of the model there and of the peer as a whole. */
function learnt(outcome: SendOutcome, { room = false, waitedMs = 100 } = {}) {
  const view = new RoutingView()
  view.setNode(routingNode('p'))
  view.setLoad('p', nodeLoad(1, [modelLoad({ running: 2 })]), NOW)
  const sent = view.noteSent('p', 'tiny', NOW, 0)
  view.setLoad('p', nodeLoad(2, [modelLoad({ running: room ? 0 : 2 })]), NOW + waitedMs)
  view.noteOutcome(sent, outcome, NOW + waitedMs)
  const [model, peer] = [view.evidence('p', 'tiny'), view.evidence('p')]
  assert.ok(model !== undefined && peer !== undefined)
  return { model, peer }
}

function failure(code: ErrorCode): SendOutcome {
  return { ok: false, code }
}

describe('what an outcome teaches', () => {
  it('counts a success for the model and for the peer', () => {
    const { model, peer } = learnt({ ok: true })
    assert.deepEqual([model.outcomes, peer.outcomes, model.firstEventMs], [1, 1, 100])
  })

  it('holds a broken connection against the whole peer, a broken engine against its model only', () => {
    const lost = learnt(failure('PEER_LOST'))
    assert.deepEqual([lost.model.breaker.failures, lost.peer.breaker.failures], [1, 1])
    const broken = learnt(failure('ENGINE_FAILED'))
    assert.deepEqual([broken.model.breaker.failures, broken.peer.breaker.failures], [1, 0])
  })

  it('takes a refusal for no failure, unless the peer says in the same breath that it has room', () => {
    const full = learnt(failure('REALM_OVERLOADED'))
    assert.deepEqual([full.model.successRate, full.model.refusalsInRow, full.peer.refusalsInRow], [1, 1, 0])
    const liar = learnt(failure('REALM_OVERLOADED'), { room: true })
    assert.ok(liar.model.successRate < 1)
    assert.ok(liar.model.penaltyUntil > full.model.penaltyUntil)
  })

  it('leaves a peer alone for longer that does not serve what its card offers', () => {
    const refused = learnt(failure('SHARE_REFUSED'))
    assert.ok(refused.model.penaltyUntil > learnt(failure('REALM_OVERLOADED')).model.penaltyUntil)
    assert.equal(refused.model.successRate, 1)
  })

  it('remembers the lateness of a send that we gave up, and nothing of one that was wrong', () => {
    assert.ok(learnt(failure('CANCELLED'), { waitedMs: 9_000 }).model.lateMs > 1_000)
    const wrong = learnt(failure('BAD_REQUEST'), { waitedMs: 50 })
    assert.deepEqual([wrong.model.outcomes, wrong.model.breaker.failures, wrong.peer.outcomes], [0, 0, 0])
  })
})
