import assert from 'node:assert/strict'
import { seededRandom } from '../../../../bench/simulation/random.ts'
import { type Choice, LOCAL, rankPeers } from '../../../../routing/choice/rank-peers.ts'
import type { RouteQuestion } from '../../../../routing/offers/route-question.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { chatModel, modelLoad, nodeLoad, routeQuestion, routingNode } from '../../../support/routing.ts'

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

  describe('for a query that needs tools', () => {
    const needs = { tools: true }
    const able = { vision: false, tools: true, reasoning: false, structured: false, prefill: true }
    const peers = (waitMs: number): RoutingView => {
      const view = new RoutingView()
      for (const [id, unsure] of [
        ['sure', []],
        ['hoped', ['tools']],
      ] as const) {
        view.setNode(
          routingNode(id, { models: [{ model: chatModel({ capabilities: able, unsure }), realm: '$CHAT', slots: 2 }] }),
        )
        view.setLoad(id, nodeLoad(1), NOW)
      }
      view.setLoad('sure', nodeLoad(2, [modelLoad({ running: 2, estimatedWaitMs: waitMs })]), NOW)
      return view
    }

    it('prefers a node that is sure, also to this one, and says which are', () => {
      const local = { model: 'tiny', load: modelLoad(), sure: false }
      const [first, ...others] = rank(peers(1_000), { needs, local })
      assert.deepEqual([first?.node, first?.sure], ['sure', true])
      assert.ok(others.every(({ sure }) => !sure))
    })

    it('does not wait long for sureness', () => {
      assert.equal(rank(peers(60_000), { needs })[0]?.node, 'hoped')
    })

    it('minds no doubt about what is not needed', () => {
      assert.equal(rank(peers(1_000))[0]?.node, 'hoped')
    })
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
    const sent = [...Array(4)].map(() => view.noteSent('a', 'tiny', NOW, 60_000))
    assert.equal(rank(view)[0]?.node, 'b')
    for (const one of sent) view.noteOutcome(one, { ok: true }, NOW)
    assert.ok((rank(view)[0]?.cost ?? 0) < 200)
  })

  it('never believes a peer to hold less than our own running sends', () => {
    const view = idleView('claims-free', 'honest')
    for (let i = 0; i < 3; i += 1) view.noteSent('claims-free', 'tiny', NOW)
    view.setLoad('claims-free', nodeLoad(2), NOW)
    assert.equal(rank(view)[0]?.node, 'honest')
  })

  it('turns away from a peer that has been silent for longer than it promised', () => {
    const view = idleView('silent', 'alive')
    view.setLoad('silent', nodeLoad(2, [modelLoad({ slots: 8 })]), NOW)
    view.noteSent('silent', 'tiny', NOW, 50)
    view.setLoad('silent', nodeLoad(3, [modelLoad({ slots: 8 })]), NOW)
    view.setLoad('alive', nodeLoad(2, [modelLoad({ running: 1, queued: 1, estimatedWaitMs: 100 })]), NOW)
    assert.equal(rank(view, {}, NOW + 10)[0]?.node, 'silent')
    assert.equal(rank(view, {}, NOW + 2_000)[0]?.node, 'alive')
  })

  it('learns from queries that were cancelled because nothing came', () => {
    const view = idleView('swallows', 'slow')
    view.setLoad('slow', nodeLoad(2, [modelLoad({ running: 2, queued: 0, estimatedWaitMs: 600 })]), NOW)
    assert.equal(rank(view)[0]?.node, 'swallows')
    for (let i = 0; i < 3; i += 1) {
      view.noteOutcome(view.noteSent('swallows', 'tiny', NOW - 5_000, 10), { ok: false, code: 'CANCELLED' }, NOW)
    }
    assert.equal(rank(view)[0]?.node, 'slow')
  })

  it('draws by capacity: four times the slots, about four times the queries', () => {
    const view = new RoutingView()
    for (const [index, slots] of [8, 2, 2, 2, 2].entries()) {
      view.setNode(routingNode(`p${index}`))
      view.setLoad(`p${index}`, nodeLoad(1, [modelLoad({ slots })]), NOW)
    }
    const counts = firsts(view, routeQuestion(), 5_000)
    const small = ['p1', 'p2', 'p3', 'p4'].reduce((sum, one) => sum + (counts.get(one) ?? 0), 0) / 4
    const ratio = (counts.get('p0') ?? 0) / small
    assert.ok(ratio > 2 && ratio < 6, `${ratio}`)
  })

  it('does not let a claim of a million slots take all queries', () => {
    const view = idleView('a', 'b', 'c', 'd', 'e')
    view.setLoad('a', nodeLoad(2, [modelLoad({ slots: 1e6, decodeRate: 1e9 })]), NOW)
    const others = 1_000 - (firsts(view, routeQuestion()).get('a') ?? 0)
    assert.ok(others > 0)
  })

  describe('who may serve', () => {
    const ELSEWHERE = [
      { title: 'without the model', node: routingNode('x', { models: [] }) },
      { title: 'that is not connected', node: routingNode('x', { connected: false }) },
      { title: 'that is a stranger, at home scope', node: routingNode('x', { relation: 'stranger', share: 'public' }) },
      { title: 'that shares with its home only, to a stranger', node: routingNode('x', { relation: 'stranger' }) },
      { title: 'that shares nothing', node: routingNode('x', { share: 'local' }) },
      {
        title: 'whose model offers it in another realm',
        node: routingNode('x', { models: [{ model: chatModel(), realm: '$VISION', slots: 2 }] }),
      },
      {
        title: 'whose model does not embed',
        node: routingNode('x'),
        question: { type: 'embed' as const },
      },
      { title: 'whose model cannot call tools', node: routingNode('x'), question: { needs: { tools: true } } },
      {
        title: 'whose context is too short',
        node: routingNode('x', { models: [{ model: chatModel({ contextLength: 76 }), realm: '$CHAT', slots: 2 }] }),
      },
      {
        title: 'whose context is no larger than one that was too short',
        node: routingNode('x', { models: [{ model: chatModel({ contextLength: 900 }), realm: '$CHAT', slots: 2 }] }),
        question: { outgrown: 900 },
      },
      { title: 'that was tried before', node: routingNode('x'), question: { exclude: new Set(['x']) } },
      { title: 'when the query must stay here', node: routingNode('x'), question: { scope: 'local' as const } },
    ]
    for (const { title, node, question = {} } of ELSEWHERE) {
      it(`no peer ${title}`, () => {
        const view = new RoutingView()
        view.setNode(node)
        view.setLoad('x', nodeLoad(1), NOW)
        assert.deepEqual(rank(view, question), [])
        assert.deepEqual(rank(view, { ...question, affinity: 'x' }), [])
      })
    }

    it('a friend at friends scope and a stranger at public scope, if they share so widely', () => {
      const view = new RoutingView()
      view.setNode(routingNode('friend', { relation: 'friend', share: 'friends' }))
      view.setNode(routingNode('stranger', { relation: 'stranger', share: 'public' }))
      assert.deepEqual(
        rank(view, { scope: 'friends' }).map((choice) => choice.node),
        ['friend'],
      )
      assert.deepEqual(new Set(rank(view, { scope: 'public' }).map((choice) => choice.node)).size, 2)
    })

    it('no peer that drains or whose engine is down', () => {
      const view = idleView('drains', 'down', 'well')
      view.setLoad('drains', nodeLoad(2, [modelLoad()], true), NOW)
      view.setLoad('down', nodeLoad(2, [modelLoad({ slots: 0 })]), NOW)
      assert.deepEqual([...firsts(view, routeQuestion()).keys()], ['well'])
      assert.equal(rank(view, { affinity: 'drains' })[0]?.node, 'well')
    })

    it('nobody behind an open breaker, and one probe once it is half-open', () => {
      const view = idleView('a')
      for (let i = 0; i < 3; i += 1) {
        view.noteOutcome(view.noteSent('a', 'tiny', NOW), { ok: false, code: 'PEER_LOST' }, NOW)
      }
      assert.deepEqual(rank(view), [])
      assert.equal(rank(view, {}, NOW + 30_000)[0]?.node, 'a')
      view.noteSent('a', 'tiny', NOW + 30_000)
      assert.deepEqual(rank(view, {}, NOW + 30_001), [])
    })

    it('finds the one that fits among hundreds that do not', () => {
      const view = idleView(...Array.from({ length: 300 }, (_, i) => `p${i}`))
      const capabilities = { ...chatModel().capabilities, vision: true }
      view.setNode(routingNode('sees', { models: [{ model: chatModel({ capabilities }), realm: '$CHAT', slots: 1 }] }))
      assert.deepEqual(
        rank(view, { needs: { vision: true } }).map((choice) => choice.node),
        ['sees'],
      )
    })
  })

  describe('affinity', () => {
    it('keeps a conversation with the peer that holds its prompt', () => {
      const view = idleView('a', 'b', 'c', 'd', 'e', 'holder')
      const [first] = rank(view, { affinity: 'holder', promptTokens: 4_000 })
      assert.deepEqual([first?.node, first?.hit], ['holder', 'affinity'])
    })

    it('gives it up when the wait there is more than twice the best', () => {
      const view = idleView('a', 'b', 'holder')
      const busy = modelLoad({ running: 2, queued: 8, estimatedWaitMs: 20_000 })
      view.setLoad('holder', nodeLoad(2, [busy]), NOW)
      assert.notEqual(rank(view, { affinity: 'holder', promptTokens: 1_000 })[0]?.node, 'holder')
    })

    it('follows no holder that is gone or out of scope', () => {
      const view = idleView('a', 'b')
      view.setNode(routingNode('far', { relation: 'stranger', share: 'public' }))
      assert.equal(firsts(view, routeQuestion({ affinity: 'far' })).has('far'), false)
      assert.equal(firsts(view, routeQuestion({ affinity: 'gone' })).has('gone'), false)
    })
  })

  it('prefers the free worker here to a peer across the network, and a free peer to a queue here', () => {
    const view = idleView('a', 'b')
    const local = (load = modelLoad()) => ({ local: { model: 'tiny', load } })
    assert.equal(rank(view, local())[0]?.node, LOCAL)
    const queue = modelLoad({ running: 2, queued: 4, estimatedWaitMs: 5_000 })
    assert.notEqual(rank(view, local(queue))[0]?.node, LOCAL)
    assert.notEqual(rank(view, { ...local(), exclude: new Set([LOCAL]) })[0]?.node, LOCAL)
  })

  it('prefers a direct peer to an equally loaded relayed one, also where its round trip is not known', () => {
    const view = new RoutingView()
    view.setNode(routingNode('direct'))
    view.setNode(routingNode('relayed', { relayed: true }))
    for (const id of ['direct', 'relayed']) view.setLoad(id, nodeLoad(1), NOW)
    view.setRtt('relayed', 1)
    assert.equal(firsts(view, routeQuestion()).get('relayed') ?? 0, 0)
    view.setLoad('direct', nodeLoad(2, [modelLoad({ running: 2, estimatedWaitMs: 5_000 })]), NOW)
    assert.equal(rank(view)[0]?.node, 'relayed')
  })

  it('counts the time to load a model that is not in memory', () => {
    const view = idleView('cold', 'warm')
    view.setLoad('cold', nodeLoad(2, [modelLoad({ warm: false })]), NOW)
    assert.equal(firsts(view, routeQuestion()).get('cold') ?? 0, 0)
  })

  it('counts the whole answer of a query that is not streamed', () => {
    const view = idleView('fast', 'near')
    view.setLoad('fast', nodeLoad(2, [modelLoad({ decodeRate: 100 })]), NOW)
    view.setRtt('near', 1)
    assert.equal(rank(view)[0]?.node, 'near')
    assert.equal(rank(view, { streamed: false })[0]?.node, 'fast')
  })

  it('ranks a peer of which nothing is known behind one that is known to be free, and still uses it', () => {
    const view = idleView('known')
    view.setNode(routingNode('unknown'))
    const counts = firsts(view, routeQuestion())
    assert.ok((counts.get('unknown') ?? 0) < 75)
    view.removeNode('known')
    assert.equal(rank(view)[0]?.node, 'unknown')
    assert.equal(rank(idleView('old'), {}, NOW + 60_000)[0]?.node, 'old')
  })

  it('explores in no more than one decision of twenty', () => {
    const view = idleView('a', 'b', 'c', 'd', 'e')
    for (const id of ['x', 'y']) view.setNode(routingNode(id))
    const rng = seededRandom(3)
    const explored = [...Array(5_000)].filter(
      () => rankPeers(view, routeQuestion(), NOW, rng)[0]?.hit === 'explored',
    ).length
    assert.ok(explored > 0 && explored <= 250, `${explored}`)
  })

  it('gives a rig that came back a query soon, even when others are free', () => {
    const view = idleView('a', 'b', 'back')
    for (let i = 0; i < 3; i += 1) {
      view.noteOutcome(view.noteSent('back', 'tiny', NOW), { ok: false, code: 'PEER_LOST' }, NOW)
    }
    view.setNode(routingNode('back', { connected: false }))
    view.setNode(routingNode('back'))
    assert.ok((firsts(view, routeQuestion(), 200).get('back') ?? 0) > 0)
  })

  it('chooses any model that fits for auto, rather one that is warm', () => {
    const view = new RoutingView()
    const offers = ['small', 'large'].map((name) => ({ model: chatModel({ name }), realm: '$CHAT', slots: 1 }))
    view.setNode(routingNode('a', { models: offers }))
    const loads = [modelLoad({ model: 'small', warm: false }), modelLoad({ model: 'large' })]
    view.setLoad('a', nodeLoad(1, loads), NOW)
    const rng = seededRandom(5)
    const chosen = [...Array(500)].map(() => rankPeers(view, routeQuestion({ model: 'auto' }), NOW, rng)[0]?.model)
    assert.ok(chosen.filter((model) => model === 'large').length > 400)
    assert.equal(rank(view, { model: '' }).length, 1)
  })
})
