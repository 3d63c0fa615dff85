import assert from 'node:assert/strict'
import type { Libp2p, Stream } from '@libp2p/interface'
import { silentLogger } from '../../../../../core/logger.ts'
import { laneOpener } from '../../../../../protocols/query/asking/lane-opener.ts'
import { LANE_DIAL_TIMEOUT_MS, MAX_GUESSED_RTT_MS, OPEN_TIMEOUT_MS } from '../../../../../protocols/query/constants.ts'
import { newPeerId } from '../../../../support/fake-libp2p.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

async function setUp(connected: boolean) {
  const clock = new ManualClock(0)
  const peer = (await newPeerId()).toString()
  const opening = Promise.withResolvers<Stream>()
  const protocols: unknown[] = []
  const libp2p = {
    getConnections: () => (connected ? [{}] : []),
    dialProtocol: (_peer: unknown, protocol: unknown) => {
      protocols.push(protocol)
      return opening.promise
    },
  } as unknown as Pick<Libp2p, 'dialProtocol' | 'getConnections'>
  const open = laneOpener({ libp2p, clock, now: () => clock.monotonic(), log: silentLogger }, { network: 'test' })
  return { clock, peer, opening, protocols, open }
}

const NEVER = new AbortController().signal

describe('opening a lane', () => {
  it('takes the time that it took for a first guess of the round trip, up to a bound', async () => {
    for (const [tookMs, rttMs] of [
      [12, 12],
      [900, MAX_GUESSED_RTT_MS],
    ] as const) {
      const { clock, peer, opening, protocols, open } = await setUp(true)
      const lane = open(peer, NEVER)
      clock.advance(tookMs)
      opening.resolve(new FakeStream().stream)
      assert.equal((await lane).rttMs, rttMs)
      assert.deepEqual(protocols, ['/realmesh/test/query/1.0.0'])
      assert.equal(clock.pending, 0)
    }
  })

  it('waits one round trip where there is a connection, and a dial where there is none', async () => {
    for (const [connected, limitMs] of [
      [true, OPEN_TIMEOUT_MS],
      [false, LANE_DIAL_TIMEOUT_MS],
    ] as const) {
      const { clock, peer, open } = await setUp(connected)
      const lane = open(peer, NEVER)
      let over = false
      lane.catch(() => {
        over = true
      })
      clock.advance(limitMs - 1)
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(over, false)
      clock.advance(1)
      await assert.rejects(lane, { code: 'PEER_UNREACHABLE' })
    }
  })

  it('resets a stream that comes too late', async () => {
    const { clock, peer, opening, open } = await setUp(true)
    const lane = open(peer, NEVER)
    clock.advance(OPEN_TIMEOUT_MS)
    await assert.rejects(lane)
    const late = new FakeStream()
    opening.resolve(late.stream)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(late.status, 'aborted')
  })

  it('tells a caller who left from a peer that cannot be reached', async () => {
    const { peer, opening, open } = await setUp(false)
    const abort = new AbortController()
    const left = open(peer, abort.signal)
    abort.abort()
    await assert.rejects(left, { code: 'CANCELLED' })
    const refused = await setUp(false)
    const unreachable = refused.open(refused.peer, NEVER)
    refused.opening.reject(new Error('connection refused'))
    await assert.rejects(unreachable, { code: 'PEER_UNREACHABLE' })
    await assert.rejects(open('not a peer id', NEVER), { code: 'PEER_UNREACHABLE' })
    opening.resolve(new FakeStream().stream)
  })

  it('dials again when the connection ended under it, and not when a connection is still there', async () => {
    for (const ended of [true, false]) {
      const peer = (await newPeerId()).toString()
      let connections = [{}]
      let dials = 0
      const libp2p = {
        getConnections: () => connections,
        dialProtocol: async () => {
          dials += 1
          if (dials === 2) return new FakeStream().stream
          if (ended) connections = []
          throw new Error('the stream ended')
        },
      } as unknown as Pick<Libp2p, 'dialProtocol' | 'getConnections'>
      const clock = new ManualClock(0)
      const open = laneOpener({ libp2p, clock, now: () => clock.monotonic(), log: silentLogger }, { network: 'test' })
      if (ended) assert.equal((await open(peer, NEVER)).peer, peer)
      else await assert.rejects(open(peer, NEVER), { code: 'PEER_UNREACHABLE' })
      assert.equal(dials, ended ? 2 : 1)
    }
  })
})
