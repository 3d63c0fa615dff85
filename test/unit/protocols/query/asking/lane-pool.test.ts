import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { LanePool, type PooledLane } from '../../../../../protocols/query/asking/lane-pool.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

class FakeLane implements PooledLane {
  readonly peer: string
  link: { readonly isOpen: boolean } = { isOpen: true }
  usable = true
  restingSince = 0
  end: 'close' | 'reset' | undefined

  constructor(peer: string) {
    this.peer = peer
  }

  close(): void {
    this.end = 'close'
    this.usable = false
  }

  reset(): void {
    this.end = 'reset'
    this.usable = false
  }
}

const PEER = 'peer'

describe('LanePool', () => {
  const { signal } = new AbortController()
  const broken = new RealmeshError('PEER_LOST', 'gone')
  let clock: ManualClock
  let opened: FakeLane[]
  let failOpening: boolean

  beforeEach(() => {
    clock = new ManualClock()
    opened = []
    failOpening = false
  })

  const pool = (maxLanesPerPeer: number | ((peer: string) => number)): LanePool<FakeLane> =>
    new LanePool(
      {
        clock,
        open: async (peer) => {
          if (failOpening) throw new RealmeshError('PEER_UNREACHABLE', 'no')
          const lane = new FakeLane(peer)
          opened.push(lane)
          return lane
        },
      },
      { maxLanesPerPeer },
    )

  it('hands out the lane that rested last, without waiting', async () => {
    const lanes = pool(4)
    const [a, b] = [await lanes.acquire(PEER, signal), await lanes.acquire(PEER, signal)]
    lanes.release(a)
    lanes.release(b)
    assert.equal(lanes.acquire(PEER, signal), b)
    assert.equal(lanes.acquire(PEER, signal), a)
    assert.equal(opened.length, 2)
  })

  it('never hands out a lane that died at rest', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    lanes.release(lane)
    lane.usable = false
    assert.notEqual(await lanes.acquire(PEER, signal), lane)
    assert.equal(lane.end, 'close')
  })

  it('gives a freed lane to who waits longest', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const order: string[] = []
    const first = Promise.resolve(lanes.acquire(PEER, signal)).then(() => order.push('first'))
    const second = Promise.resolve(lanes.acquire(PEER, signal)).then(() => order.push('second'))
    lanes.release(lane)
    await first
    lanes.release(lane)
    await second
    assert.deepEqual(order, ['first', 'second'])
    assert.equal(opened.length, 1)
  })

  it('opens a lane for who waits when one is dropped', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const waiting = lanes.acquire(PEER, signal)
    lanes.drop(lane, broken)
    assert.notEqual(await waiting, lane)
    assert.equal(lane.end, 'reset')
  })

  it('tells who waits why no lane could be opened for him', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const waiting = lanes.acquire(PEER, signal)
    failOpening = true
    lanes.drop(lane, broken)
    await assert.rejects(Promise.resolve(waiting), { code: 'PEER_UNREACHABLE' })
    assert.equal(lanes.empty, true)
  })

  it('refuses who has waited for a second', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const waiting = assert.rejects(Promise.resolve(lanes.acquire(PEER, signal)), { code: 'REALM_OVERLOADED' })
    clock.advance(1_000)
    await waiting
    lanes.release(lane)
    assert.equal(lanes.acquire(PEER, signal), lane)
  })

  it('keeps a lane that was opened for a caller who left meanwhile', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const abort = new AbortController()
    const waiting = assert.rejects(Promise.resolve(lanes.acquire(PEER, abort.signal)), { code: 'CANCELLED' })
    lanes.drop(lane, broken)
    abort.abort()
    await waiting
    await new Promise(setImmediate)
    assert.equal(lanes.acquire(PEER, signal), opened[1])
    assert.equal(clock.pending, 0)
  })

  it('refuses at once when too many wait, and all of them when it closes', async () => {
    const lanes = pool(1)
    await lanes.acquire(PEER, signal)
    const waiting = Array.from({ length: 1_024 }, () =>
      assert.rejects(Promise.resolve(lanes.acquire(PEER, new AbortController().signal)), { code: 'CANCELLED' }),
    )
    assert.throws(() => lanes.acquire(PEER, signal), { code: 'REALM_OVERLOADED' })
    lanes.close()
    await Promise.all(waiting)
    assert.equal(clock.pending, 0)
  })

  it('grants each peer its own number', async () => {
    const lanes = pool((peer) => (peer === PEER ? 2 : 0))
    await lanes.acquire(PEER, signal)
    await lanes.acquire(PEER, signal)
    const refused = assert.rejects(Promise.resolve(lanes.acquire('stranger', signal)), { code: 'REALM_OVERLOADED' })
    clock.advance(1_000)
    await refused
  })

  it('closes lanes that rest too long, and forgets peers without lanes', async () => {
    const lanes = pool(4)
    const [a, b] = [await lanes.acquire(PEER, signal), await lanes.acquire(PEER, signal)]
    lanes.release(a)
    clock.advance(50)
    lanes.release(b)
    lanes.closeIdle(50)
    assert.deepEqual([a.end, b.end], ['close', undefined])
    clock.advance(50)
    lanes.closeIdle(50)
    assert.equal(b.end, 'close')
    assert.equal(lanes.empty, true)
  })

  it('moves what rests to a better link; what is under way stays until its end', async () => {
    const lanes = pool(4)
    const [under, resting] = [await lanes.acquire(PEER, signal), await lanes.acquire(PEER, signal)]
    lanes.release(resting)
    const better = { peer: PEER, isOpen: true }
    lanes.moveTo(better)
    assert.deepEqual([under.end, resting.end], [undefined, 'close'])
    lanes.release(under)
    assert.equal(under.end, 'close')
    const fresh = await lanes.acquire(PEER, signal)
    fresh.link = better
    lanes.release(fresh)
    assert.equal(lanes.acquire(PEER, signal), fresh)
  })

  it('stays with the link that there is once the better one is gone', async () => {
    const lanes = pool(4)
    const lane = await lanes.acquire(PEER, signal)
    const better = { peer: PEER, isOpen: true }
    lanes.moveTo(better)
    better.isOpen = false
    lanes.release(lane)
    assert.equal(lanes.acquire(PEER, signal), lane)
  })

  it('gives the caller that waits a lane on the better link', async () => {
    const lanes = pool(1)
    const lane = await lanes.acquire(PEER, signal)
    const waiting = Promise.resolve(lanes.acquire(PEER, signal))
    lanes.moveTo({ peer: PEER, isOpen: true })
    lanes.release(lane)
    assert.notEqual(await waiting, lane)
    assert.equal(lane.end, 'close')
  })

  it('leaves a link that fell silent, and no other', async () => {
    const lanes = pool(4)
    const [dead, live] = [await lanes.acquire(PEER, signal), await lanes.acquire(PEER, signal)]
    lanes.release(dead)
    lanes.release(live)
    const silent = { peer: PEER, isOpen: true }
    dead.link = silent
    lanes.leave(silent)
    assert.deepEqual([dead.end, live.end], ['close', undefined])
  })
})
