import assert from 'node:assert/strict'
import type { NodeLoad } from '../../../../core/model/load.ts'
import { LOAD_BELIEVED_MS } from '../../../../core/model/load.ts'
import type { Relation } from '../../../../core/scope.ts'
import { cardSize } from '../../../../discovery/peers/peer-entry.ts'
import {
  FORGET_MS,
  MAX_CARDS_SIZE,
  type PeerChange,
  PeerTable,
  type RoutingSink,
} from '../../../../discovery/peers/peer-table.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import type { RoutingNode } from '../../../../routing/offers/routing-view.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { modelLoad, nodeLoad } from '../../../support/routing.ts'

type TestCard = Card & { readonly proves: Relation; readonly until: number }

function card(peerId: string, overrides: Partial<TestCard> = {}): TestCard {
  return { ...testCard(peerId), proves: 'stranger', until: Number.POSITIVE_INFINITY, ...overrides }
}

class FakeRouting implements RoutingSink {
  readonly nodes = new Map<string, RoutingNode>()
  readonly loads: [string, number, number][] = []
  readonly confirmed: [string, number][] = []
  readonly rtts = new Map<string, number>()

  setNode(node: RoutingNode): void {
    this.nodes.set(node.id, node)
  }

  removeNode(id: string): void {
    this.nodes.delete(id)
  }

  setLoad(id: string, load: NodeLoad, at: number): boolean {
    if (!this.nodes.has(id)) return false
    this.loads.push([id, load.seq, at])
    return true
  }

  confirmLoad(id: string, at: number): void {
    this.confirmed.push([id, at])
  }

  setRtt(id: string, ms: number): void {
    this.rtts.set(id, ms)
  }
}

const nobody = (): boolean => false

function setUp(maxPeers = 10, maxCardsSize = MAX_CARDS_SIZE) {
  const clock = new ManualClock()
  const routing = new FakeRouting()
  const table = new PeerTable(
    {
      routing,
      clock,
      judge: (its, wall) =>
        (its as TestCard).until > wall
          ? { relation: (its as TestCard).proves, until: (its as TestCard).until }
          : { relation: 'stranger', until: Number.POSITIVE_INFINITY },
    },
    { maxPeers, maxCardsSize },
  )
  const changes: string[] = []
  const unlisten = table.onChange(({ kind, id }: PeerChange) => changes.push(`${id} ${kind}`))
  return { clock, routing, table, changes, unlisten }
}

describe('peer table', () => {
  it('keeps cards up to a size in all: the longest silent strangers give way to large ones', () => {
    const large = (id: string) => card(id, { label: 'x'.repeat(1_000) })
    const { table } = setUp(10, 3 * cardSize(large('a')))
    const ids = (): readonly string[] => [...table.entries()].map(({ id }) => id)
    table.setConnected('rig', true)
    table.setCard(card('rig', { proves: 'home' }))
    for (const id of ['a', 'b', 'c', 'd']) table.setCard(large(id))
    assert.deepEqual(ids(), ['rig', 'c', 'd'])
    table.setCard(card('d'))
    table.setCard(large('e'))
    assert.deepEqual(ids(), ['rig', 'c', 'd', 'e'])
    table.forget('c')
    table.setCard(large('f'))
    assert.deepEqual(ids(), ['rig', 'd', 'e', 'f'])
  })

  it('makes a peer routable when it is connected and its card is there, whichever comes first', () => {
    for (const cardFirst of [true, false]) {
      const { table, routing } = setUp()
      if (cardFirst) table.setCard(card('a'))
      table.setConnected('a', true)
      if (!cardFirst) table.setCard(card('a'))
      assert.equal(routing.nodes.get('a')?.connected, true)
      assert.deepEqual(routing.nodes.get('a')?.models, card('a').models)
    }
  })

  it('takes a peer that is gone from the routable set at once, and its load with it', () => {
    const { table, routing, changes } = setUp()
    table.setConnected('a', true)
    table.setCard(card('a'))
    table.setLoad('a', nodeLoad(1))
    table.setConnected('a', false)
    assert.equal(routing.nodes.get('a')?.connected, false)
    assert.equal(table.peers()[0]?.loadKnown, false)
    assert.deepEqual(changes, ['a connected', 'a card', 'a load', 'a disconnected'])
  })

  it('hands a load that came before the card to the router when the card comes', () => {
    const { table, routing, clock } = setUp()
    table.setConnected('a', true)
    table.setLoad('a', nodeLoad(5))
    const at = clock.monotonic()
    clock.advance(3)
    table.setCard(card('a'))
    assert.deepEqual(routing.loads.at(-1), ['a', 5, at])
  })

  it('takes no load of an unknown peer and none that is not newer', () => {
    const { table } = setUp()
    assert.equal(table.setLoad('nobody', nodeLoad(1)), false)
    assert.equal(table.size, 0)
    table.setCard(card('a'))
    assert.deepEqual(
      [3, 3, 2, 4].map((seq) => table.setLoad('a', nodeLoad(seq))),
      [true, false, false, true],
    )
  })

  it('knows no load of a peer whose last word is older than 15 seconds', () => {
    const { table, clock } = setUp()
    table.setCard(card('a'))
    table.setLoad('a', nodeLoad(1, [modelLoad({ slots: 4, running: 3, queued: 2 })]))
    clock.advance(LOAD_BELIEVED_MS)
    const { running, queued, slots, loadKnown } = table.peers()[0] ?? assert.fail()
    assert.deepEqual([running, queued, slots, loadKnown], [3, 2, 4, true])
    clock.advance(1)
    assert.deepEqual([table.peers()[0]?.running, table.peers()[0]?.loadKnown], [0, false])
  })

  it('takes a sign of life of a peer for its word that its load is as it was', () => {
    const { table, routing, clock } = setUp()
    table.confirm('nobody')
    table.setCard(card('a'))
    table.confirm('a')
    assert.deepEqual([table.size, routing.confirmed], [1, []])
    table.setLoad('a', nodeLoad(1))
    for (let i = 0; i < 10; i += 1) {
      clock.advance(LOAD_BELIEVED_MS)
      table.confirm('a')
    }
    assert.equal(table.peers()[0]?.loadKnown, true)
    assert.deepEqual(routing.confirmed.at(-1), ['a', clock.monotonic()])
  })

  it('tells the load of a peer as a whole, not summed over the models that one worker serves', () => {
    const { table } = setUp()
    table.setCard(card('a'))
    const models = ['m1', 'm2', 'm3'].map((model) => modelLoad({ model, slots: 1, running: 1 }))
    table.setLoad('a', { ...nodeLoad(1, models), total: { slots: 1, running: 1, queued: 2 } })
    const { running, queued, slots } = table.peers()[0] ?? assert.fail()
    assert.deepEqual([running, queued, slots], [1, 2, 1])
  })

  it('tells that the owner of a peer has paused it, as long as that was said lately', () => {
    const { table, clock } = setUp()
    table.setCard(card('a'))
    table.setLoad('a', { ...nodeLoad(1), paused: true })
    assert.equal(table.peers()[0]?.paused, true)
    table.setLoad('a', nodeLoad(2))
    assert.equal(table.peers()[0]?.paused, false)
    table.setLoad('a', { ...nodeLoad(3), paused: true })
    clock.advance(LOAD_BELIEVED_MS + 1)
    assert.equal(table.peers()[0]?.paused, false)
  })

  it('holds to the card that the live node gave last, also when its clock went back', () => {
    const { table } = setUp()
    table.setCard(card('a', { seq: 5, label: 'before' }))
    table.setCard(card('a', { seq: 4, label: 'after' }))
    assert.equal(table.peers()[0]?.label, 'after')
  })

  it('takes the relation from what the card proves, never from its label', () => {
    const { table } = setUp()
    table.setCard(card('liar', { label: 'our federation' }))
    table.setCard(card('member', { label: 'anything', proves: 'home' }))
    assert.equal(table.relation('liar'), 'stranger')
    assert.equal(table.relation('member'), 'home')
    assert.equal(table.relation('nobody'), 'stranger')
  })

  it('ends a relation the moment its proof ends, and tells the router', () => {
    const { table, routing, clock, changes } = setUp()
    table.setCard(card('a', { proves: 'friend', until: clock.wall() + 1_000 }))
    clock.advance(999)
    table.sweep(nobody)
    assert.equal(table.relation('a'), 'friend')
    clock.advance(1)
    assert.equal(table.relation('a'), 'stranger')
    assert.equal(routing.nodes.get('a')?.relation, 'stranger')
    assert.equal(changes.at(-1), 'a relation')
  })

  it('ends it by the sweep too, when nobody asks', () => {
    const { table, routing, clock } = setUp()
    table.setCard(card('a', { proves: 'friend', until: clock.wall() + 1_000 }))
    clock.advance(1_000)
    table.sweep(nobody)
    assert.equal(routing.nodes.get('a')?.relation, 'stranger')
  })

  it('stays within its bound: the longest silent stranger goes first, then who is only connected, own nodes last', () => {
    const { table, clock } = setUp(5)
    table.setConnected('connected', true)
    table.setCard(card('own', { proves: 'home' }))
    table.setCard(card('friend', { proves: 'friend' }))
    for (const id of ['s1', 's2']) table.setCard(card(id))
    clock.advance(1)
    table.setCard(card('s1', { seq: 2 }))
    const ids = (): string[] => [...table.entries()].map((entry) => entry.id).sort()
    table.setCard(card('s3'))
    assert.deepEqual(ids(), ['connected', 'friend', 'own', 's1', 's3'])
    for (const id of ['c1', 'c2', 'c3', 'c4']) table.setConnected(id, true)
    assert.deepEqual(ids(), ['c2', 'c3', 'c4', 'friend', 'own'])
    assert.equal(table.connectedCount, 3)
    for (const id of ['own2', 'own3', 'own4', 'own5']) table.setCard(card(id, { proves: 'home' }))
    assert.deepEqual(ids(), ['own', 'own2', 'own3', 'own4', 'own5'])
  })

  describe('with many strangers from one subnet', () => {
    const HOST = '198.51.100.0/24'

    function visit(
      table: PeerTable,
      id: string,
      proves: Relation = 'stranger',
      subnet: string | undefined = HOST,
    ): void {
      table.setConnected(id, true, subnet)
      table.setCard(card(id, { proves }))
    }

    const leave = (table: PeerTable, ids: readonly string[]): void => {
      for (const id of ids) table.setConnected(id, false)
    }

    const ids = (table: PeerTable): string[] => [...table.entries()].map((entry) => entry.id)

    it('keeps two of those that are gone in mind, the latest', () => {
      const { table, changes } = setUp(2_000)
      for (let i = 0; i < 1_000; i += 1) {
        visit(table, `s${i}`)
        leave(table, [`s${i}`])
      }
      assert.deepEqual(ids(table), ['s998', 's999'])
      assert.equal(changes.at(-1), 's997 gone')
    })

    it('drops none that is connected, nor own nodes, friends, and strangers from elsewhere', () => {
      const { table } = setUp(100)
      visit(table, 'own', 'home')
      visit(table, 'friend', 'friend')
      visit(table, 'elsewhere', 'stranger', '198.51.101.0/24')
      visit(table, 'serving')
      for (const id of ['s1', 's2', 's3']) visit(table, id)
      leave(table, ['own', 'friend', 'elsewhere', 's1', 's2', 's3'])
      assert.deepEqual(ids(table).sort(), ['elsewhere', 'friend', 'own', 's2', 's3', 'serving'])
    })

    it('counts nobody whose subnet is not known: behind a private prefix many nodes live', () => {
      const { table } = setUp(100)
      for (const id of ['s1', 's2', 's3']) table.setConnected(id, true)
      leave(table, ['s1', 's2', 's3'])
      assert.equal(table.size, 3)
    })
  })

  it('holds 10,000 peers at most by default, whatever comes', () => {
    const clock = new ManualClock()
    const table = new PeerTable({
      routing: new FakeRouting(),
      clock,
      judge: () => ({ relation: 'stranger', until: Number.POSITIVE_INFINITY }),
    })
    for (let i = 0; i < 25_000; i++) table.setCard(card(`p${i}`))
    assert.equal(table.size, 10_000)
  })

  it('forgets who was silent for a day, unless it is connected or remembered', () => {
    const { table, routing, clock, changes } = setUp()
    for (const id of ['gone', 'kept', 'here']) table.setCard(card(id))
    table.setConnected('here', true)
    clock.advance(FORGET_MS)
    table.sweep((id) => id === 'kept')
    assert.equal(table.size, 3)
    clock.advance(1)
    table.sweep((id) => id === 'kept')
    assert.deepEqual([...routing.nodes.keys()].sort(), ['here', 'kept'])
    assert.equal(changes.at(-1), 'gone gone')
  })

  it('smooths round trips', () => {
    const { table, routing } = setUp()
    table.setCard(card('a'))
    table.setRtt('a', 10)
    table.setRtt('a', 20)
    assert.equal(routing.rtts.get('a'), 13)
    table.setRtt('nobody', 5)
    assert.ok(!routing.rtts.has('nobody'))
  })

  it('knows by which way a connected peer is reached, and forgets round trips of another way', () => {
    const { table, routing } = setUp()
    table.setPath('a', { kind: 'lan', over: 'tcp' })
    table.setCard(card('a'))
    table.setPath('a', { kind: 'lan', over: 'tcp' })
    assert.equal(table.get('a')?.path, undefined) // not connected
    table.setConnected('a', true)
    table.setPath('a', { kind: 'relayed', over: 'tcp', relay: 'r' })
    table.setRtt('a', 80)
    assert.deepEqual([routing.nodes.get('a')?.relayed, table.peers()[0]?.rttMs], [true, 80])
    table.setPath('a', { kind: 'direct', over: 'webrtc' })
    assert.deepEqual([routing.nodes.get('a')?.relayed, table.peers()[0]?.rttMs], [false, undefined])
    assert.deepEqual(table.peers()[0]?.path, { kind: 'direct', over: 'webrtc' })
    table.setConnected('a', false)
    assert.equal(table.peers()[0]?.path, undefined)
  })

  it('tells no one who stopped listening', () => {
    const { table, changes, unlisten } = setUp()
    unlisten()
    table.setCard(card('a'))
    assert.deepEqual(changes, [])
  })
})
