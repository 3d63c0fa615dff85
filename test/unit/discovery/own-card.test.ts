import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import type { Scope } from '../../../core/scope.ts'
import { OwnCard } from '../../../discovery/own-card.ts'
import { openCard } from '../../../protocols/card/sealed-card.ts'
import { testCard } from '../../support/cards.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { chatModel } from '../../support/routing.ts'

describe('own card', () => {
  let privateKey: PrivateKey
  before(async () => {
    privateKey = await generateKeyPair('Ed25519')
  })

  function setUp() {
    const clock = new ManualClock()
    const facts = {
      ...testCard('ignored'),
      share: 'home' as Scope,
      models: [] as { realm: string; model: ReturnType<typeof chatModel>; slots: number }[],
    }
    const own = new OwnCard({ privateKey, clock, facts: () => facts }, { network: 'test' })
    const open = async () => openCard(await own.sealed(), { network: 'test', now: clock.wall() })
    return { clock, facts, own, open }
  }

  it('is sealed once and kept until it changes; every new one has a higher number', async () => {
    const { facts, own, open } = setUp()
    const first = await own.sealed()
    assert.equal(await own.sealed(), first)
    const before = await open()
    facts.models = [{ realm: '$CHAT', model: chatModel({ name: 'new' }), slots: 1 }]
    own.changed()
    const after = await open()
    assert.equal(after.models[0]?.model.name, 'new')
    assert.ok(after.seq > before.seq)
  })

  it('tells its number before it is read, and keeps it while the facts are the same', async () => {
    const { facts, own, open } = setUp()
    const { seq } = own
    assert.equal((await open()).seq, seq)
    own.changed()
    assert.equal(own.seq, seq)
    facts.share = 'friends'
    own.changed()
    assert.ok(own.seq > seq)
    assert.equal((await open()).share, 'friends')
    assert.equal((await open()).seq, own.seq)
  })

  it('counts as newer than the cards of an earlier run', async () => {
    const { clock, facts, own, open } = setUp()
    for (let i = 0; i < 5; i++) {
      own.changed()
      await own.sealed()
    }
    const last = await open()
    clock.advance(1_000)
    const restarted = new OwnCard({ privateKey, clock, facts: () => facts }, { network: 'test' })
    const next = await openCard(await restarted.sealed(), { network: 'test', now: clock.wall() })
    assert.ok(next.seq > last.seq)
  })

  it('never offers what is built in', async () => {
    const { facts, open } = setUp()
    facts.models = ['builtin/guide', 'tiny'].map((name) => ({ realm: '$CHAT', model: chatModel({ name }), slots: 1 }))
    assert.deepEqual(
      (await open()).models.map(({ model }) => model.name),
      ['tiny'],
    )
  })

  it('tries again after facts that could not be read', async () => {
    let broken = true
    const facts = () => {
      if (broken) throw new Error('not ready')
      return testCard('ignored')
    }
    const own = new OwnCard({ privateKey, clock: new ManualClock(), facts }, { network: 'test' })
    await assert.rejects(async () => own.sealed(), /not ready/)
    broken = false
    assert.ok((await own.sealed()).byteLength > 0)
  })
})
