import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import {
  MAX_REMEMBERED_PEERS,
  parseRememberedPeers,
  REMEMBER_MS,
  type RememberedPeer,
  RememberedPeers,
  worthRemembering,
} from '../../../../discovery/contact/remembered-peers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const ID = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const ADDRESSES = ['/ip4/192.0.2.7/tcp/4501']

function peer(id: string, lastContactMs: number, relation: RememberedPeer['relation'] = 'stranger'): RememberedPeer {
  return { id, addresses: ADDRESSES, lastContactMs, relation }
}

function setUp(saved?: unknown) {
  const clock = new ManualClock()
  const saves: (readonly RememberedPeer[])[] = []
  const memory = {
    load: async () => (saved instanceof Error ? Promise.reject(saved) : saved),
    save: async (list: readonly RememberedPeer[]) => {
      saves.push(list)
    },
  }
  return { clock, saves, remembered: new RememberedPeers({ memory, clock, log: silentLogger }) }
}

describe('remembered peers', () => {
  it('are sorted by closeness and then by the last contact; what is too old or has no address is left out', () => {
    const now = 10 * REMEMBER_MS
    const list = worthRemembering(
      [
        peer('old stranger', now - 500),
        peer('stranger', now - 5),
        peer('friend', now - 900, 'friend'),
        peer('own', now - 1_000, 'home'),
        peer('forgotten', now - REMEMBER_MS, 'home'),
        { ...peer('nowhere', now), addresses: [] },
      ],
      now,
    )
    assert.deepEqual(
      list.map(({ id }) => id),
      ['own', 'friend', 'stranger', 'old stranger'],
    )
  })

  it('are two strangers of one subnet at most, and any number of others', () => {
    const at = (id: string, ago: number, subnet: string | undefined, relation?: RememberedPeer['relation']) => ({
      ...peer(id, 1_000 - ago, relation),
      subnet,
    })
    const list = worthRemembering(
      [
        ...['own1', 'own2', 'own3'].map((id, i) => at(id, i, '198.51.100.0/24', 'home')),
        ...['s1', 's2', 's3', 's4'].map((id, i) => at(id, i, '198.51.100.0/24')),
        at('elsewhere', 9, '198.51.101.0/24'),
        ...['n1', 'n2', 'n3'].map((id, i) => at(id, 10 + i, undefined)),
      ],
      1_000,
    )
    assert.deepEqual(
      list.map(({ id }) => id),
      ['own1', 'own2', 'own3', 's1', 's2', 'elsewhere', 'n1', 'n2', 'n3'],
    )
  })

  it('are 500 at most', async () => {
    const { remembered, clock } = setUp()
    await remembered.start()
    for (let i = 0; i < 2_000; i++) {
      clock.advance(1)
      remembered.note({ id: `p${i}`, addresses: ADDRESSES, relation: 'stranger' })
    }
    assert.equal(remembered.list().length, MAX_REMEMBERED_PEERS)
    assert.equal(remembered.list()[0]?.id, 'p1999')
    assert.ok(!remembered.has('p0'))
  })

  it('are read back leaving out what is not sound', async () => {
    const { clock } = setUp()
    const sound = peer(ID, clock.wall())
    const saved = [sound, { ...sound, id: 'x' }, { ...sound, addresses: ['nonsense'] }, { id: ID }, null, 7]
    assert.deepEqual(parseRememberedPeers(saved), [sound])
    assert.deepEqual(parseRememberedPeers({ not: 'a list' }), [])
    const { remembered } = setUp(saved)
    await remembered.start()
    assert.deepEqual(remembered.list(), [sound])
  })

  it('are none, and the start goes on, when the memory cannot be read', async () => {
    const { remembered } = setUp(new Error('EIO'))
    await remembered.start()
    assert.deepEqual(remembered.list(), [])
  })

  it('are saved once for news that come together, and at the stop', async () => {
    const { clock, saves, remembered } = setUp()
    await remembered.start()
    for (const id of ['a', 'b', 'c']) remembered.note({ id, addresses: ADDRESSES, relation: 'home' })
    clock.advance(5_000)
    remembered.note({ id: 'd', addresses: ADDRESSES, relation: 'home' })
    await remembered.stop()
    assert.deepEqual(
      saves.map((list) => list.length),
      [3, 4],
    )
    assert.equal(clock.pending, 0)
  })
})
