import assert from 'node:assert/strict'
import { seededRandom } from '../../../bench/simulation/random.ts'
import { type Choice, LOCAL, rankPeers } from '../../../discovery/rank-peers.ts'
import type { RouteQuestion } from '../../../discovery/route-question.ts'
import { RoutingView } from '../../../discovery/routing-view.ts'
import { chatModel, modelLoad, nodeLoad, routeQuestion, routingNode } from '../../support/routing.ts'

const NOW = 1_000_000

/** A view of idle peers with the given ids. */
function idleView(...ids: string[]): RoutingView {
  const view = new RoutingView()
  for (const id of ids) {
    view.setNode(routingNode(id))
    view.setLoad(id, nodeLoad(1), NOW)
    view.setRtt(id, 10)
  }
  return view
}

/** How often each node comes first in `tries` decisions. */
function firsts(view: RoutingView, question: RouteQuestion, tries = 1_000): Map<string, number> {
  const rng = seededRandom(7)
  const counts = new Map<string, number>()
  for (let i = 0; i < tries; i += 1) {
    const node = rankPeers(view, question, NOW, rng)[0]?.node ?? 'nobody'
    counts.set(node, (counts.get(node) ?? 0) + 1)
  }
  return counts
}

function rank(view: RoutingView, overrides: Partial<RouteQuestion> = {}, now = NOW): readonly Choice[] {
  return rankPeers(view, routeQuestion(overrides), now, seededRandom(1))
}

describe('rankPeers', () => {
  it('draws two of many peers', () => {
    assert.equal(rank(idleView('a', 'b', 'c', 'd', 'e', 'f', 'g')).length, 2)
  })

  it('answers alike for the same view, question, time and seed', () => {
    const view = idleView('a', 'b', 'c', 'd', 'e', 'f', 'g')
    assert.deepEqual(rank(view), rank(view))
  })

  it('finds nobody in an empty view, and the worker here without any peer', () => {
    assert.deepEqual(rank(new RoutingView()), [])
    const local = { model: 'tiny:latest', load: modelLoad() }
    const [choice] = rank(new RoutingView(), { local })
    assert.deepEqual([choice?.node, choice?.model, choice?.hit], [LOCAL, 'tiny:latest', 'local'])
  })

  it('takes x and X:latest for the same model and answers with the name used there', () => {
    const view = new RoutingView()
    view.setNode(
      routingNode('a', { models: [{ model: chatModel({ name: 'Tiny:latest' }), realm: '$CHAT', slots: 1 }] }),
    )
    assert.deepEqual(rank(view, { model: 'TINY' })[0]?.model, 'Tiny:latest')
  })

  it('sends to the free peer of two when the other is busy', () => {
    const view = idleView('busy', 'free')
    view.setLoad('busy', nodeLoad(2, [modelLoad({ running: 2, queued: 3, estimatedWaitMs: 4_000 })]), NOW)
    assert.equal(firsts(view, routeQuestion()).get('busy') ?? 0, 0)
  })

  it('counts own sends that the peer has not reported yet', () => {
    const view = idleView('a', 'b')
    const sent = [...Array(4)].map(() => view.noteSent('a', 'tiny', NOW))
    assert.equal(rank(view)[0]?.node, 'b')
    for (const one of sent) view.noteOutcome(one, { ok: true }, NOW)
    assert.ok((rank(view)[0]?.cost ?? 0) < 200)
  })
})
