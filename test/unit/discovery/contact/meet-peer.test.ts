import assert from 'node:assert/strict'
import { meetPeer } from '../../../../discovery/contact/meet-peer.ts'
import { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { STRANGER } from '../../../../discovery/peers/standing.ts'
import { RoutingView } from '../../../../routing/offers/routing-view.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const HINT = { id: 'a', addresses: [] }

function setUp(reached: boolean) {
  const table = new PeerTable({ routing: new RoutingView(), clock: new ManualClock(), judge: () => STRANGER })
  const fetched: string[] = []
  const cards = {
    fetch: async (peer: string) => {
      fetched.push(peer)
      return undefined
    },
  }
  const abort = new AbortController()
  const meeting = (): Promise<void> =>
    meetPeer({ dialer: { reach: async () => reached }, table, cards }, HINT, abort.signal)
  return { table, fetched, abort, meeting }
}

describe('meeting a peer', () => {
  it('takes in the card once the connection has shown that it is a node of ours', async () => {
    const { table, fetched, meeting } = setUp(true)
    const met = meeting()
    await settled()
    table.setConnected('b', true)
    assert.deepEqual(fetched, [])
    table.setConnected('a', true)
    await met
    assert.deepEqual(fetched, ['a'])
  })

  it('asks a peer that is connected for its card anew', async () => {
    const { table, fetched, meeting } = setUp(true)
    table.setConnected('a', true)
    await meeting()
    assert.deepEqual(fetched, ['a'])
  })

  it('gives up when the peer cannot be reached, or is not needed any more', async () => {
    const unreachable = setUp(false)
    await unreachable.meeting()
    const { fetched, abort, meeting } = setUp(true)
    const met = meeting()
    await settled()
    abort.abort()
    await met
    assert.deepEqual([...unreachable.fetched, ...fetched], [])
  })
})
