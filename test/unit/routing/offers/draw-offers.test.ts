import assert from 'node:assert/strict'
import { seededRandom } from '../../../../bench/simulation/random.ts'
import { OfferDraw } from '../../../../routing/offers/draw-offers.ts'
import type { RouteQuestion } from '../../../../routing/offers/route-question.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { chatModel, modelLoad, nodeLoad, routeQuestion, routingNode } from '../../../support/routing.ts'

const NOW = 1_000_000

interface Peer {
  readonly id: string
  readonly slots?: number
  readonly tools?: boolean | 'hoped'
  readonly contextLength?: number
}

function viewOf(peers: readonly Peer[]): RoutingView {
  const view = new RoutingView()
  for (const { id, slots = 2, tools = false, contextLength } of peers) {
    const capabilities = { vision: false, tools: tools !== false, reasoning: false, structured: false, prefill: true }
    const unsure = tools === 'hoped' ? { unsure: ['tools'] as const } : {}
    const model = chatModel({ capabilities, ...unsure, ...(contextLength === undefined ? {} : { contextLength }) })
    view.setNode(routingNode(id, { models: [{ model, realm: '$CHAT', slots }] }))
    view.setLoad(id, nodeLoad(1, [modelLoad({ slots })]), NOW)
  }
  return view
}

function draws(view: RoutingView, question: Partial<RouteQuestion> = {}, seed = 1): OfferDraw {
  const pool = view.pool('$CHAT', 'tiny')
  assert.ok(pool !== undefined)
  return new OfferDraw(pool, routeQuestion(question), NOW, seededRandom(seed))
}

function many(n: number): readonly Peer[] {
  return Array.from({ length: n }, (_, i) => ({ id: `p${i}` }))
}

describe('drawing offers', () => {
  for (const [what, size] of [
    ['a small pool, in which all are looked at', 4],
    ['a large one, in which it is drawn at random', 40],
  ] as const) {
    it(`draws by capacity from ${what}`, () => {
      const view = viewOf([{ id: 'large', slots: 8 }, ...many(size - 1).map((peer) => ({ ...peer, slots: 1 }))])
      let drawn = 0
      const tries = 4_000
      for (let seed = 0; seed < tries; seed += 1) {
        if (draws(view, {}, seed).several(1)[0]?.of.peer.id === 'large') drawn += 1
      }
      const share = 8 / (8 + size - 1)
      assert.ok(Math.abs(drawn / tries - share) < 0.03, `${drawn} of ${tries}, expected ${share}`)
    })
  }

  for (const size of [3, 40]) {
    it(`draws the sure ones of ${size} before those of which a need is only hoped, and then those`, () => {
      const hoped = many(size - 1).map((peer) => ({ ...peer, tools: 'hoped' as const, slots: 64 }))
      const view = viewOf([...hoped, { id: 'sure', tools: true, slots: 1 }])
      for (let seed = 0; seed < 50; seed += 1) {
        const drawn = draws(view, { needs: { tools: true } }, seed).several(2)
        assert.deepEqual([drawn[0]?.of.peer.id, drawn.length], ['sure', 2])
      }
    })
  }

  it('does not ask for sureness of what the query does not need', () => {
    const view = viewOf([
      { id: 'hoped', tools: 'hoped', slots: 64 },
      { id: 'sure', tools: true, slots: 1 },
    ])
    assert.equal(draws(view).several(1)[0]?.of.peer.id, 'hoped')
  })

  it('draws different peers, and no more than there are', () => {
    const drawn = draws(viewOf(many(3))).several(10)
    assert.deepEqual(drawn.map(({ of }) => of.peer.id).toSorted(), ['p0', 'p1', 'p2'])
  })

  it('finds the one that fits among many that do not', () => {
    const view = viewOf([...many(200), { id: 'able', tools: true }])
    for (let seed = 0; seed < 20; seed += 1) {
      const drawn = draws(view, { needs: { tools: true } }, seed).several(2)
      assert.deepEqual(
        drawn.map(({ of }) => of.peer.id),
        ['able'],
      )
    }
  })

  it('draws none that was tried, drains, is down or has too short a context', () => {
    const view = viewOf([
      { id: 'tried' },
      { id: 'draining' },
      { id: 'down', slots: 0 },
      { id: 'short', contextLength: 50 },
      { id: 'left' },
    ])
    view.setLoad('draining', nodeLoad(2, [modelLoad()], true), NOW)
    const drawn = draws(view, { exclude: new Set(['tried']), promptTokens: 100 }).several(5)
    assert.deepEqual(
      drawn.map(({ of }) => of.peer.id),
      ['left'],
    )
  })

  it('stays within the scope', () => {
    const view = viewOf(many(2))
    view.setNode(routingNode('stranger', { relation: 'stranger', share: 'public' }))
    const ids = (scope: RouteQuestion['scope']): string[] =>
      draws(view, { scope })
        .several(9)
        .map(({ of }) => of.peer.id)
        .toSorted()
    assert.deepEqual(ids('home'), ['p0', 'p1'])
    assert.deepEqual(ids('public'), ['p0', 'p1', 'stranger'])
  })

  it('takes every offer for a blind look, each as likely as the other', () => {
    const view = viewOf([
      { id: 'large', slots: 64 },
      { id: 'small', slots: 1 },
    ])
    const draw = draws(view)
    const seen = Array.from({ length: 400 }, () => draw.blind()?.of.peer.id)
    const small = seen.filter((id) => id === 'small').length
    assert.ok(small > 140 && small < 260, `${small} of 400`)
  })

  it('wants a trial of an offer that is silent, half-open or failed often, and of no other', () => {
    const view = viewOf(many(2))
    view.setNode(routingNode('silent'))
    const draw = draws(view)
    const needsTrial = (id: string): boolean => {
      const [offer] = view.offersOf(id, '$CHAT')
      return offer !== undefined && draw.needsTrial(offer)
    }
    assert.deepEqual([needsTrial('p0'), needsTrial('silent')], [false, true])
    for (let i = 0; i < 5; i += 1) {
      view.noteOutcome(view.noteSent('p0', 'tiny', NOW - 60_000), { ok: false, code: 'ENGINE_FAILED' }, NOW - 60_000)
    }
    assert.equal(needsTrial('p0'), true)
  })
})
