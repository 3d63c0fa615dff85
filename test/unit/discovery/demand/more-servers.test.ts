import assert from 'node:assert/strict'
import { MORE_AT_ONCE, MoreServers, type MoreServersComponents } from '../../../../discovery/demand/more-servers.ts'
import { newPeerEntry, type PeerEntry } from '../../../../discovery/peers/peer-entry.ts'
import { testCard } from '../../../support/cards.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatModel } from '../../../support/routing.ts'

function setUp(peers: number) {
  const clock = new ManualClock(0)
  const reached: { readonly id: string; readonly end: (connected: boolean) => void }[] = []
  const entries = Array.from({ length: peers }, (_, i): PeerEntry => {
    const models = [{ realm: '$CHAT', model: chatModel({ name: 'tiny' }), slots: 1 }]
    return { ...newPeerEntry(`p${i}`, i), card: { ...testCard(`p${i}`), share: 'public', models } }
  })
  const more = new MoreServers({
    clock,
    table: { entries: () => entries.values(), get: () => undefined, onChange: () => () => {} },
    dialer: { reach: ({ id }) => new Promise((end) => reached.push({ id, end })) },
    libp2p: { getPeers: () => [], addEventListener: () => {}, removeEventListener: () => {} },
    cards: { fetch: async () => undefined },
  } satisfies MoreServersComponents)
  return { clock, reached, more }
}

describe('more servers', () => {
  it('are met in the background, some at once however many queries wait for them', async () => {
    const { clock, reached, more } = setUp(MORE_AT_ONCE + 3)
    await more.start()
    for (let i = 0; i < 10; i += 1) more.reach({ model: 'tiny', realm: '$CHAT' })
    assert.deepEqual(
      reached.map(({ id }) => id),
      ['p6', 'p5', 'p4', 'p3'],
    )
    more.reach({ model: 'other', realm: '$CHAT' })
    assert.equal(reached.length, MORE_AT_ONCE)
    await more.stop()
    for (const { end } of reached) end(false)
    await settled()
    assert.equal(clock.pending, 0)
  })

  it('make room for others when they were met or could not be', async () => {
    const { reached, more } = setUp(1)
    more.reach({ model: 'tiny' })
    more.reach({ model: 'tiny' })
    assert.equal(reached.length, 1)
    for (let i = 0; i < 2; i += 1) {
      reached.at(-1)?.end(false)
      await settled()
    }
    more.reach({ model: 'tiny' })
    assert.equal(reached.length, 3, 'a meeting is tried twice')
    await more.stop()
  })
})
