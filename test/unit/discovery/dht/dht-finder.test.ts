import assert from 'node:assert/strict'
import type { PeerHint } from '../../../../discovery/contact/peer-dialer.ts'
import { DhtFinder, ENOUGH_SERVERS } from '../../../../discovery/dht/dht-finder.ts'
import { DHT_BUCKETS } from '../../../../discovery/dht/dht-keys.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function setUp(...realms: readonly string[]) {
  const clock = new ManualClock(0)
  const asked: string[] = []
  const hints: string[] = []
  const state = { peers: true, servers: 0 }
  const finder = new DhtFinder(
    {
      clock,
      hasPeers: () => state.peers,
      servers: (realm) => (realm === '$CHAT' ? state.servers : 0),
      onHint: (hint) => hints.push(hint.id),
      lookup: {
        bucket: async ({ name }, bucket, { onHint }) => {
          asked.push(`${name}/${bucket}`)
          if (bucket === 7) onHint({ id: 'a', addresses: [] } satisfies PeerHint, bucket)
          return true
        },
      },
    },
    { realms, rng: () => 0.5 },
  )
  return { clock, asked, hints, state, finder }
}

describe('DHT finder', () => {
  it('asks for a few buckets at a time, ever more rarely, until it has asked for all', async () => {
    const { clock, asked, hints, finder } = setUp('$CHAT')
    await finder.start()
    const rounds: [number, number][] = []
    while (clock.monotonic() < 60_000) {
      const before = asked.length
      clock.advance(1_000)
      await settled()
      if (asked.length > before) rounds.push([clock.monotonic(), asked.length - before])
    }
    assert.deepEqual(rounds, [
      [2_000, 4],
      [6_000, 4],
      [14_000, 4],
      [30_000, 4],
    ])
    assert.equal(new Set(asked).size, DHT_BUCKETS)
    assert.deepEqual(hints, ['a'])
    await finder.stop()
    assert.equal(clock.pending, 0)
  })

  it('does not look for a realm of which enough nodes are known', async () => {
    const { clock, asked, state, finder } = setUp('$CHAT', '$VISION')
    state.servers = ENOUGH_SERVERS
    await finder.start()
    clock.advance(2_000)
    await settled()
    assert.deepEqual([asked.length, asked.every((text) => text.startsWith('$VISION'))], [4, true])
    state.servers -= 1
    clock.advance(4_000)
    await settled()
    assert.equal(asked.length, 12)
    await finder.stop()
  })

  it('asks for the same buckets of each realm', async () => {
    const { clock, asked, finder } = setUp('$CHAT', '$VISION')
    await finder.start()
    clock.advance(2_000)
    await settled()
    const of = (realm: string): string[] =>
      asked.flatMap((text) => (text.startsWith(realm) ? [text.slice(realm.length)] : []))
    assert.equal(asked.length, 8)
    assert.deepEqual(of('$CHAT'), of('$VISION'))
    await finder.stop()
  })

  it('asks nobody while it is alone, and soon when told to hurry', async () => {
    const { clock, asked, state, finder } = setUp('$CHAT')
    state.peers = false
    await finder.start()
    clock.advance(120_000)
    await settled()
    assert.equal(asked.length, 0)
    state.peers = true
    finder.hurry()
    clock.advance(2_000)
    await settled()
    assert.equal(asked.length, 4)
    await finder.stop()
    clock.advance(600_000)
    await settled()
    assert.equal(asked.length, 4)
  })

  it('looks for other realms when it is told so, and soon for a new one only', async () => {
    const { clock, asked, finder } = setUp('$CHAT')
    await finder.start()
    clock.advance(120_000)
    await settled()
    asked.length = 0
    finder.lookFor(['$CHAT'])
    clock.advance(2_000)
    await settled()
    assert.equal(asked.length, 0)
    finder.lookFor(['$CODE'])
    clock.advance(2_000)
    await settled()
    assert.equal(asked.length, 4)
    assert.ok(asked.every((key) => key.startsWith('$CODE/')))
    await finder.stop()
  })
})
