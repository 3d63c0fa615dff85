import assert from 'node:assert/strict'
import fc from 'fast-check'
import { breakerState } from '../../../../core/run/circuit-breaker.ts'
import type { Relation, Scope } from '../../../../core/scope.ts'
import { SCOPES, scopeReaches } from '../../../../core/scope.ts'
import { rankPeers } from '../../../../routing/choice/rank-peers.ts'
import { NO_EVIDENCE } from '../../../../routing/learning/evidence.ts'
import { drawWeight } from '../../../../routing/offers/offer.ts'
import { MAX_MODELS_PER_PEER, RoutingView } from '../../../../routing/offers/routing-view.ts'
import type { Sent } from '../../../../routing/offers/sends.ts'
import { chatModel, modelLoad, nodeLoad, routeQuestion, routingNode } from '../../../support/routing.ts'

const NOW = 1_000_000
const RELATIONS: readonly Relation[] = ['home', 'friend', 'stranger']
const MODELS = ['m1', 'm2', 'm3']

/** What a test knows of one peer without any index. */
interface NaivePeer {
  readonly relation: Relation
  readonly reachable: boolean
  readonly models: readonly string[]
}

type Step =
  | { do: 'node'; id: string; relation: Relation; share: Scope; connected: boolean; models: string[] }
  | { do: 'remove'; id: string }
  | { do: 'load'; id: string; seq: number; slots: number; draining: boolean }
  | { do: 'send'; id: string; model: string }
  | { do: 'end'; which: number; ok: boolean }

const id = fc.constantFrom('a', 'b', 'c', 'd')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('node' as const),
    id,
    relation: fc.constantFrom(...RELATIONS),
    share: fc.constantFrom(...SCOPES),
    connected: fc.boolean(),
    models: fc.uniqueArray(fc.constantFrom(...MODELS)),
  }),
  fc.record({ do: fc.constant('remove' as const), id }),
  fc.record({
    do: fc.constant('load' as const),
    id,
    seq: fc.nat({ max: 20 }),
    slots: fc.nat({ max: 4 }),
    draining: fc.boolean(),
  }),
  fc.record({ do: fc.constant('send' as const), id, model: fc.constantFrom(...MODELS) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat({ max: 9 }), ok: fc.boolean() }),
)

/** The view after the steps, beside what it should list. */
function apply(steps: readonly Step[]): { view: RoutingView; naive: Map<string, NaivePeer>; open: Sent[] } {
  const view = new RoutingView()
  const naive = new Map<string, NaivePeer>()
  const seqs = new Map<string, number>()
  const open: Sent[] = []
  for (const one of steps) {
    if (one.do === 'node') {
      const models = one.models.map((name) => ({ model: chatModel({ name }), realm: '$CHAT', slots: 2 }))
      view.setNode({ id: one.id, relation: one.relation, share: one.share, connected: one.connected, models })
      const reachable = one.connected && scopeReaches(one.share, one.relation)
      naive.set(one.id, { relation: one.relation, reachable, models: one.models })
    } else if (one.do === 'remove') {
      view.removeNode(one.id)
      naive.delete(one.id)
    } else if (one.do === 'load') {
      const load = MODELS.map((model) => modelLoad({ model, slots: one.slots }))
      const grew = naive.has(one.id) && one.seq > (seqs.get(one.id) ?? -1)
      if (grew) seqs.set(one.id, one.seq)
      assert.equal(view.setLoad(one.id, nodeLoad(one.seq, load, one.draining), NOW), grew)
    } else if (one.do === 'send') {
      open.push(view.noteSent(one.id, one.model, NOW))
    } else {
      const [sent] = open.splice(one.which % Math.max(1, open.length), 1)
      if (sent !== undefined) view.noteOutcome(sent, one.ok ? { ok: true } : { ok: false, code: 'PEER_LOST' }, NOW)
    }
  }
  return { view, naive, open }
}

function listed(view: RoutingView, model: string, relation: Relation): readonly string[] {
  const set = view.pool('$CHAT', model)?.[relation]
  return Array.from({ length: set?.size ?? 0 }, (_, i) => {
    const offer = set?.nth(i)
    return `${offer?.of.peer.id} ${offer?.canonical}`
  }).sort()
}

describe('RoutingView', () => {
  it('lists exactly what connected peers that admit us offer, by relation, whatever happened before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { view, naive } = apply(steps)
        for (const relation of RELATIONS) {
          const reachable = [...naive].filter(([, peer]) => peer.reachable && peer.relation === relation)
          for (const model of MODELS) {
            const offering = reachable.filter(([, peer]) => peer.models.includes(model))
            assert.deepEqual(listed(view, model, relation), offering.map(([name]) => `${name} ${model}`).sort())
          }
          const all = reachable.flatMap(([name, peer]) => peer.models.map((model) => `${name} ${model}`))
          assert.deepEqual(listed(view, 'auto', relation), all.sort())
        }
      }),
    )
  })

  it('keeps every weight in the index up to date', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { view } = apply(steps)
        for (const model of MODELS) {
          for (const relation of RELATIONS) {
            const set = view.pool('$CHAT', model)?.[relation]
            for (let i = 0; i < (set?.size ?? 0); i += 1) {
              const offer = set?.nth(i)
              assert.equal(set?.weightAt(i), offer === undefined ? -1 : drawWeight(offer))
            }
          }
        }
      }),
    )
  })

  it('counts each send once, until its outcome', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { open } = apply(steps)
        const perModel = new Map<NonNullable<Sent['to']>, number>()
        for (const { to } of open) if (to !== undefined) perModel.set(to, (perModel.get(to) ?? 0) + 1)
        for (const [to, count] of perModel) {
          assert.deepEqual([to.unreported + to.reported, to.silent], [count, count])
          assert.ok(to.unreported >= 0 && to.reported >= 0)
        }
      }),
    )
  })

  it('has nothing left in the index when all peers are gone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { view } = apply([...steps, ...['a', 'b', 'c', 'd'].map((one) => ({ do: 'remove' as const, id: one }))])
        assert.deepEqual(view.models('$CHAT'), [])
        assert.equal(view.pool('$CHAT', 'auto'), undefined)
      }),
    )
  })

  it('ignores a record whose sequence number did not grow', () => {
    const view = new RoutingView()
    view.setNode(routingNode('a'))
    assert.equal(view.setLoad('a', nodeLoad(5), NOW), true)
    assert.equal(view.setLoad('a', nodeLoad(5, [modelLoad({ running: 2 })]), NOW), false)
    assert.equal(view.setLoad('a', nodeLoad(4), NOW), false)
    assert.equal(view.setLoad('nobody', nodeLoad(1), NOW), false)
  })

  it('remembers the evidence of a peer that went and came back', () => {
    const view = new RoutingView()
    view.setNode(routingNode('a'))
    for (let i = 0; i < 3; i += 1) {
      view.noteOutcome(view.noteSent('a', 'tiny', NOW), { ok: false, code: 'PEER_LOST' }, NOW)
    }
    view.removeNode('a')
    view.setNode(routingNode('a'))
    assert.equal(view.evidence('a')?.breaker.failures, 3)
    assert.equal(view.evidence('a', 'Tiny:latest')?.breaker.failures, 3)
    assert.equal(view.evidence('nobody'), undefined)
  })

  it('tries a peer that came back at once, unless it has failed its probe before', () => {
    const view = new RoutingView()
    const fail = (now: number) =>
      view.noteOutcome(view.noteSent('a', 'tiny', now), { ok: false, code: 'PEER_LOST' }, now)
    const breaker = () => breakerState((view.evidence('a') ?? NO_EVIDENCE).breaker, NOW)
    view.setNode(routingNode('a'))
    for (let i = 0; i < 3; i += 1) fail(NOW)
    view.setNode(routingNode('a'))
    assert.equal(breaker(), 'open')
    view.setNode(routingNode('a', { connected: false }))
    view.setNode(routingNode('a'))
    assert.equal(breaker(), 'half-open')
    fail(NOW)
    view.removeNode('a')
    view.setNode(routingNode('a'))
    assert.equal(breaker(), 'open')
  })

  it('lets the pauses of a rig that was restarted begin anew, once in five minutes', () => {
    const view = new RoutingView()
    const fail = (now: number) =>
      view.noteOutcome(view.noteSent('a', 'tiny', now), { ok: false, code: 'PEER_LOST' }, now)
    const restart = (at: number) => {
      view.setNode(routingNode('a', { connected: false, at }))
      view.setNode(routingNode('a', { at }))
    }
    const pause = () => (view.evidence('a') ?? NO_EVIDENCE).breaker.pauseMs
    view.setNode(routingNode('a', { at: NOW }))
    for (let i = 0; i < 3; i += 1) fail(NOW)
    fail(NOW + 40_000)
    assert.equal(pause(), 60_000)
    restart(NOW + 50_000)
    assert.equal(pause(), 30_000)
    assert.equal(breakerState((view.evidence('a') ?? NO_EVIDENCE).breaker, NOW + 50_000), 'half-open')
    fail(NOW + 51_000)
    restart(NOW + 52_000)
    assert.equal(breakerState((view.evidence('a') ?? NO_EVIDENCE).breaker, NOW + 52_000), 'open')
  })

  it('asks a rig that was restarted as soon as it is back, whatever it said before it went', () => {
    const view = new RoutingView()
    view.setNode(routingNode('a'))
    view.setLoad('a', nodeLoad(1, [modelLoad({ slots: 0 })], true), NOW)
    assert.deepEqual(
      rankPeers(view, routeQuestion(), NOW, () => 0.5),
      [],
    )
    view.setNode(routingNode('a', { connected: false }))
    view.setNode(routingNode('a'))
    assert.equal(rankPeers(view, routeQuestion(), NOW, () => 0.5)[0]?.node, 'a')
  })

  it('blames a failed engine on the model, a lost peer on all its models', () => {
    const view = new RoutingView()
    const models = ['x', 'y'].map((name) => ({ model: chatModel({ name }), realm: '$CHAT', slots: 1 }))
    view.setNode(routingNode('a', { models }))
    view.noteOutcome(view.noteSent('a', 'x', NOW), { ok: false, code: 'ENGINE_FAILED' }, NOW)
    assert.deepEqual([view.evidence('a', 'x')?.breaker.failures, view.evidence('a')?.breaker.failures], [1, 0])
    view.noteOutcome(view.noteSent('a', 'x', NOW), { ok: false, code: 'PEER_LOST' }, NOW)
    assert.equal(view.evidence('a')?.breaker.failures, 1)
  })

  it('holds a refusal against nobody, until another place has served the query', () => {
    const view = new RoutingView()
    view.setNode(routingNode('a'))
    for (let i = 0; i < 9; i += 1) {
      view.noteOutcome(view.noteSent('a', 'tiny', NOW), { ok: false, code: 'BAD_REQUEST' }, NOW)
    }
    assert.equal(view.evidence('a', 'tiny'), NO_EVIDENCE)
    const weights: number[] = []
    for (let i = 0; i < 3; i += 1) {
      const offer = view.offersOf('a', '$CHAT')[0] ?? assert.fail()
      weights.push(drawWeight(offer))
      view.noteContradicted('a', 'tiny', NOW)
    }
    const [clean = 0, once = 0, twice = 0] = weights
    assert.ok(clean > once && once > twice, `drawn less and less: ${weights}`)
    const { penaltyUntil, breaker } = view.evidence('a', 'tiny') ?? assert.fail()
    assert.ok(penaltyUntil > NOW)
    assert.equal(breakerState(breaker, NOW), 'closed')
    view.noteContradicted('nobody', 'tiny', NOW)
  })

  it('takes a second outcome of the same send, and sends to nobody, without harm', () => {
    const view = new RoutingView()
    view.setNode(routingNode('a'))
    const sent = view.noteSent('a', 'tiny', NOW)
    view.noteOutcome(sent, { ok: false, code: 'TIMEOUT' }, NOW)
    view.noteOutcome(sent, { ok: false, code: 'TIMEOUT' }, NOW)
    assert.equal(view.evidence('a')?.breaker.failures, 1)
    view.noteOutcome(view.noteSent('local', 'tiny', NOW), { ok: true }, NOW)
  })

  it('believes a record as long as its peer stands by it', () => {
    const view = new RoutingView()
    view.confirmLoad('nobody', NOW)
    view.setNode(routingNode('a'))
    view.confirmLoad('a', NOW)
    const [offer] = view.offersOf('a', '$CHAT')
    assert.ok(offer)
    assert.equal(offer.of.peer.receivedAt, Number.NEGATIVE_INFINITY)
    view.setLoad('a', nodeLoad(1), NOW)
    view.confirmLoad('a', NOW + 1_000_000)
    assert.equal(offer.of.peer.receivedAt, NOW + 1_000_000)
  })

  it('lists no more models of one peer than the bound', () => {
    const models = Array.from({ length: MAX_MODELS_PER_PEER + 50 }, (_, i) => ({
      model: chatModel({ name: `m${i}` }),
      realm: '$CHAT',
      slots: 1,
    }))
    const view = new RoutingView()
    view.setNode(routingNode('a', { models }))
    assert.equal(view.models('$CHAT').length, MAX_MODELS_PER_PEER)
  })
})
