import assert from 'node:assert/strict'
import { silentLogger } from '../../../../../core/logger.ts'
import { laneOpener } from '../../../../../protocols/query/asking/lane-opener.ts'
import { LANE_DIAL_TIMEOUT_MS, MAX_GUESSED_RTT_MS, OPEN_TIMEOUT_MS } from '../../../../../protocols/query/constants.ts'
import type { LaneStream, Link } from '../../../../../protocols/query/link.ts'
import { fakeLink } from '../../../../support/fake-link.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

const PEER = 'peer'
const NEVER = new AbortController().signal

/** An opener over these links, and what a dial makes. */
function openerOver(links: () => readonly Link[], dial: () => Promise<Link>) {
  const clock = new ManualClock(0)
  const open = laneOpener(
    { links: { to: links, dial }, clock, now: () => clock.monotonic(), log: silentLogger },
    { network: 'test' },
  )
  return { clock, open }
}

/** One lane that the test opens, on a link that is there or must be dialled. */
function setUp(connected: boolean) {
  const opening = Promise.withResolvers<LaneStream>()
  const protocols: string[] = []
  const link = fakeLink(PEER, {
    openLane: (protocol) => {
      protocols.push(protocol)
      return opening.promise
    },
  })
  return {
    opening,
    protocols,
    link,
    ...openerOver(
      () => (connected ? [link] : []),
      async () => link,
    ),
  }
}

describe('opening a lane', () => {
  it('takes the time that it took for a first guess of the round trip, up to a bound', async () => {
    for (const [tookMs, rttMs] of [
      [12, 12],
      [900, MAX_GUESSED_RTT_MS],
    ] as const) {
      const { clock, opening, protocols, open } = setUp(true)
      const lane = open(PEER, NEVER)
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
      const { clock, open } = setUp(connected)
      const lane = open(PEER, NEVER)
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
    const { clock, opening, open } = setUp(true)
    const lane = open(PEER, NEVER)
    clock.advance(OPEN_TIMEOUT_MS)
    await assert.rejects(lane)
    const late = new FakeStream()
    opening.resolve(late.stream)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(late.status, 'aborted')
  })

  it('tells a caller who left from a peer that cannot be reached', async () => {
    const { opening, open } = setUp(false)
    const abort = new AbortController()
    const left = open(PEER, abort.signal)
    abort.abort()
    await assert.rejects(left, { code: 'CANCELLED' })
    const refused = setUp(false)
    const unreachable = refused.open(PEER, NEVER)
    refused.opening.reject(new Error('connection refused'))
    await assert.rejects(unreachable, { code: 'PEER_UNREACHABLE' })
    opening.resolve(new FakeStream().stream)
    const nobody = openerOver(
      () => {
        throw new Error('no peer id')
      },
      () => Promise.reject(new Error('no peer id')),
    )
    await assert.rejects(nobody.open('not a peer id', NEVER), { code: 'PEER_UNREACHABLE' })
  })

  it('dials again when the connection ended under it, and not when a connection is still there', async () => {
    for (const ended of [true, false]) {
      let open = true
      let dials = 0
      const link: Link = {
        ...fakeLink(PEER),
        get isOpen() {
          return open
        },
        openLane: async () => {
          if (ended) open = false
          throw new Error('the stream ended')
        },
      }
      const { open: openLane } = openerOver(
        () => (open ? [link] : []),
        async () => {
          dials += 1
          return fakeLink(PEER)
        },
      )
      if (ended) assert.equal((await openLane(PEER, NEVER)).peer, PEER)
      else await assert.rejects(openLane(PEER, NEVER), { code: 'PEER_UNREACHABLE' })
      assert.equal(dials, ended ? 1 : 0)
    }
  })

  it('goes over the first link, and over the next when that one is dead without a word', async () => {
    const dead = fakeLink(PEER, { openLane: () => new Promise(() => {}) })
    const live = fakeLink(PEER)
    const never = (): Promise<Link> => assert.fail('nothing is dialled')
    const whole = openerOver(() => [live, dead], never)
    assert.equal((await whole.open(PEER, NEVER)).link, live)
    const { clock, open } = openerOver(() => [dead, live], never)
    const lane = open(PEER, NEVER)
    clock.advance(OPEN_TIMEOUT_MS)
    assert.equal((await lane).link, live)
  })

  it('gives up after two links that are there and give no lane', async () => {
    let tried = 0
    const openLane = async (): Promise<LaneStream> => {
      tried += 1
      throw new Error('no lane')
    }
    const links = [1, 2, 3].map(() => fakeLink(PEER, { openLane }))
    const { open } = openerOver(
      () => links,
      () => assert.fail('nothing is dialled'),
    )
    await assert.rejects(open(PEER, NEVER), { code: 'PEER_UNREACHABLE' })
    assert.equal(tried, 2)
  })
})
