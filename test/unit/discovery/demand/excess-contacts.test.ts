import assert from 'node:assert/strict'
import type { Connection, PeerId } from '@libp2p/interface'
import { silentLogger } from '../../../../core/logger.ts'
import type { Relation } from '../../../../core/scope.ts'
import {
  type Contact,
  ExcessContacts,
  type ExcessContactsComponents,
  excessOf,
  MAX_QUIET_PEERS,
  YOUNG_MS,
} from '../../../../discovery/demand/excess-contacts.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function contact(id: string, what: Partial<Contact> = {}): Contact {
  const peer = { toString: () => id } as PeerId
  return { peer, opened: true, busy: false, ageMs: YOUNG_MS, serves: false, ...what }
}

function names(peers: readonly PeerId[]): readonly string[] {
  return peers.map(String)
}

describe('excess contacts', () => {
  it('are as many as are beyond the bound, the newest first, and those that serve last', () => {
    const all = [
      contact('old', { ageMs: 3 * YOUNG_MS }),
      contact('serves', { serves: true }),
      contact('new'),
      contact('newer', { ageMs: 2 * YOUNG_MS }),
    ]
    assert.deepEqual(names(excessOf(all, 4)), [])
    assert.deepEqual(names(excessOf(all, 2)), ['new', 'newer'])
    assert.deepEqual(names(excessOf(all, 0)), ['new', 'newer', 'old', 'serves'])
  })

  it('are never those that others opened, that are in use or that have just come', () => {
    const all = [
      contact('theirs', { opened: false }),
      contact('busy', { busy: true }),
      contact('young', { ageMs: YOUNG_MS - 1 }),
      contact('goes'),
    ]
    assert.deepEqual(names(excessOf(all, 0)), ['goes'])
  })

  it('are closed, but for own nodes, friends and those that libp2p must keep', async () => {
    const clock = new ManualClock(YOUNG_MS)
    const relations: Record<string, Relation> = { p1: 'home', p2: 'friend' }
    const tags: Record<string, string> = { p3: 'keep-alive-relay', p4: 'something' }
    const closed: string[] = []
    const connections = Array.from({ length: MAX_QUIET_PEERS + 7 }, (_, i) => ({
      remotePeer: { toString: () => `p${i}` } as PeerId,
      direction: 'outbound',
      streams: i === 5 ? [{ protocol: '/realmesh/home/query/1.0.0' }] : [{ protocol: '/realmesh/home/presence/1.0.0' }],
      timeline: { open: i > 6 ? 1 : 0 },
    }))
    const excess = new ExcessContacts({
      libp2p: {
        getConnections: () => connections as unknown as Connection[],
        hangUp: async (peer: unknown) => {
          closed.push(String(peer))
          if (String(peer) === 'p0') throw new Error('it is gone')
        },
        peerStore: {
          get: async (peer: PeerId) => {
            const tag = tags[String(peer)]
            if (tag === undefined) throw new Error('not found')
            return { tags: new Map([[tag, { value: 1 }]]) }
          },
        },
      } as unknown as ExcessContactsComponents['libp2p'],
      table: { relation: (id) => relations[id] ?? 'stranger' },
      serves: () => false,
      clock,
      log: silentLogger,
    })
    await excess.letGo()
    assert.deepEqual(closed, ['p0', 'p4', 'p6'])
  })
})
