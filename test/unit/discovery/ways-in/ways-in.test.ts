import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { RememberedPeer } from '../../../../discovery/contact/remembered-peers.ts'
import { ALONE_AFTER_MS } from '../../../../discovery/ways-in/next-steps.ts'
import { WaysIn } from '../../../../discovery/ways-in/ways-in.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const MET: RememberedPeer = { id: 'p', addresses: [], lastContactMs: 0, relation: 'home' }

describe('ways in', () => {
  const clock = new ManualClock()
  const table = { connectedCount: 0 }
  const doors = { hasAny: false, peers: () => [], unresolved: [] }
  let remembered: readonly RememberedPeer[] = []
  let logged: unknown[] = []
  const ways = (mdns = false): WaysIn =>
    new WaysIn(
      {
        table,
        doors,
        clock,
        firstPeer: { first: undefined },
        remembered: { list: () => remembered },
        log: { ...silentLogger, info: (fields) => logged.push(fields) },
      },
      { mdns },
    )

  beforeEach(() => {
    Object.assign(table, { connectedCount: 0 })
    Object.assign(doors, { hasAny: false })
    remembered = []
    logged = []
  })

  it('of a node that has none say so, and what a person can do: invite, a bootstrap address, the rendezvous', () => {
    const { tried, next, first } = ways().status()
    assert.deepEqual([tried, first], [[], undefined])
    assert.match(next[0] ?? '', /no way to find another/)
    assert.match(next.join('\n'), /realmesh invite .*realmesh join LINE.*\n.*--bootstrap ADDRESS.*\n.*node\.rendezvous/)
  })

  it('are named while they are tried, and no further one is asked for than is missing', () => {
    remembered = [MET]
    Object.assign(doors, { hasAny: true })
    const { tried, next } = ways(true).status()
    assert.deepEqual(tried, ['remembered', 'bootstrap', 'mdns'])
    assert.match(next[0] ?? '', /looked for: peers of earlier runs, bootstrap peers, the local network/)
    assert.doesNotMatch(next.join(), /--bootstrap|rendezvous/)
  })

  it('are nothing to do about while a peer is connected', () => {
    Object.assign(table, { connectedCount: 1 })
    assert.deepEqual(ways().status().next, [])
  })

  it('are told in the log once, of a node that is alone for a while', async () => {
    const alone = ways()
    await alone.start()
    clock.advance(ALONE_AFTER_MS)
    assert.equal(logged.length, 1)
    await alone.stop()
    const joined = ways()
    await joined.start()
    Object.assign(table, { connectedCount: 1 })
    clock.advance(ALONE_AFTER_MS)
    assert.equal(logged.length, 1)
    assert.equal(clock.pending, 0)
  })
})
