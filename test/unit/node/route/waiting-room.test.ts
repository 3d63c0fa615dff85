import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { MAX_ASKING, MAX_SEATS, type Seat, WaitingRoom } from '../../../../node/route/waiting-room.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const FULL = new RealmeshError('REALM_OVERLOADED', 'full', { retryAfterMs: 400 })
const { signal } = linkedAbort()

function room() {
  const clock = new ManualClock()
  return { clock, room: new WaitingRoom({ clock, random: () => 1 }) }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

/** Seats that wait, and which of them were let to ask again. */
function crowd(waiting: WaitingRoom, count: number) {
  const asked: number[] = []
  const seats: Seat[] = Array.from({ length: count }, () => waiting.enter(FULL))
  seats.forEach((seat, i) => {
    void seat.turn(FULL, signal).then(() => asked.push(i))
  })
  return { seats, asked }
}

describe('WaitingRoom', () => {
  it('lets only the first few ask again, in their order', async () => {
    const { clock, room: waiting } = room()
    const { asked } = crowd(waiting, 20)
    clock.advance(10_000)
    await settle()
    assert.deepEqual(
      asked,
      Array.from({ length: MAX_ASKING }, (_, i) => i),
    )
  })

  it('lets the next one try at once when somebody got in', async () => {
    const { clock, room: waiting } = room()
    const { seats, asked } = crowd(waiting, 6)
    clock.advance(400)
    await settle()
    seats[0]?.leave(true)
    await settle()
    assert.deepEqual(asked, [0, 1, 2, 3, 4])
    seats[1]?.leave(false)
    await settle()
    assert.equal(asked.length, 5, 'somebody who gave up proves no room')
    clock.advance(400)
    await settle()
    assert.deepEqual(asked.at(-1), 5)
  })

  it('keeps the refusing node’s word on when to come back, within bounds', async () => {
    const { clock, room: waiting } = room()
    const { asked } = crowd(waiting, 1)
    clock.advance(399)
    await settle()
    assert.deepEqual(asked, [])
    clock.advance(1)
    await settle()
    assert.deepEqual(asked, [0])
  })

  it('is bounded', () => {
    const { room: waiting } = room()
    for (let i = 0; i < MAX_SEATS; i += 1) waiting.enter(FULL)
    assert.throws(() => waiting.enter(FULL), { code: 'REALM_OVERLOADED' })
  })

  it('lets go of a client that leaves, timer and all', async () => {
    const { clock, room: waiting } = room()
    const abort = new AbortController()
    const seat = waiting.enter(FULL)
    const turn = seat.turn(FULL, abort.signal)
    abort.abort()
    await assert.rejects(turn, { code: 'CANCELLED' })
    seat.leave(false)
    assert.equal(waiting.waiting, 0)
    assert.equal(clock.pending, 0)
  })
})
