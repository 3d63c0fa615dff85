import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { Lane } from '../../../../../protocols/query/asking/lane.ts'
import { OpenQuery } from '../../../../../protocols/query/asking/open-query.ts'
import {
  ANSWER_EVENT_BURST,
  ANSWER_EVENTS_PER_SECOND,
  MAX_EVENTS_PER_FRAME,
  MAX_RTT_MS,
  SILENCE_RTT_FACTOR,
} from '../../../../../protocols/query/constants.ts'
import { encodeAnswer, encodeFailure, LANE_REFUSED } from '../../../../../protocols/query/frames/answer-codec.ts'
import { fakeLink } from '../../../../support/fake-link.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { chatQuery } from '../../../../support/query.ts'

const LIMITS = {
  firstEventTimeoutMs: 10_000,
  betweenEventsTimeoutMs: 2_000,
  silenceTimeoutMs: 1_000,
  uploadStallMs: 500,
}
const RTT_MS = 20
const SILENT_MS = LIMITS.silenceTimeoutMs + SILENCE_RTT_FACTOR * RTT_MS
const TEXT: QueryEvent = { kind: 'text', text: 'x' }

function setUp() {
  const stream = new FakeStream()
  const time = { now: 0 }
  const now = (): number => time.now
  const clock = new ManualClock()
  const lane = new Lane({ stream: stream.stream, now }, { link: fakeLink('p'), rttMs: RTT_MS })
  const query = new OpenQuery({ lane, now, clock }, { query: chatQuery(), limits: LIMITS })
  /** Time passes in steps, as the watch ticks; `alive`: with a sign of life at each. */
  const pass = (ms: number, alive: boolean): void => {
    for (let step = 0; step < ms; step += 100) {
      time.now += 100
      if (alive) stream.receive(encodeAnswer({ number: query.number, events: [] }))
      query.check()
    }
  }
  return { stream, time, lane, query, pass, clock }
}

async function waits({ query }: ReturnType<typeof setUp>): Promise<unknown> {
  return await query.next().then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('an open query', () => {
  it('is answered with what it asked for, and with nothing else', () => {
    const { query } = setUp()
    query.saw(TEXT)
    const data = Uint8Array.of(1)
    for (const event of [
      { kind: 'image', index: 0, mediaType: 'image/png', data },
      { kind: 'embedding', index: 0, vector: Float32Array.of(1) },
    ] as const) {
      assert.throws(() => query.saw(event), { code: 'PROTOCOL_ERROR', message: new RegExp(`chat with ${event.kind}`) })
    }
  })

  it('takes a peer for lost that takes nothing of the query', () => {
    const { time, query } = setUp()
    time.now += LIMITS.uploadStallMs - 1
    query.check()
    query.throwIfFailed()
    time.now += 1
    query.check()
    assert.throws(() => query.throwIfFailed(), { code: 'PEER_LOST', message: /took nothing/ })
  })

  it('takes a peer for lost that is silent for longer than its round trips explain', async () => {
    const made = setUp()
    made.query.sent()
    const failed = waits(made)
    made.time.now += SILENT_MS - 1
    made.query.check()
    made.query.throwIfFailed()
    made.time.now += 1
    made.query.check()
    const error = await failed
    assert.equal((error as RealmeshError).code, 'PEER_LOST')
    assert.match((error as RealmeshError).message, /silent for 1080 ms/)
    assert.equal(made.stream.status, 'aborted')
  })

  it('does not count time in which its own consumer was busy', () => {
    const { time, query } = setUp()
    query.sent()
    time.now += 3_600_000
    query.check()
    query.throwIfFailed()
  })

  it('gives an engine longer for the first event than between two, while the peer lives', async () => {
    for (const [begun, limitMs] of [
      [false, LIMITS.firstEventTimeoutMs],
      [true, LIMITS.betweenEventsTimeoutMs],
    ] as const) {
      const made = setUp()
      const { query, pass } = made
      query.sent()
      if (begun) query.saw(TEXT)
      query.saw({ kind: 'queued', position: 1, estimatedWaitMs: 0 })
      const frames = (async () => {
        for (;;) await query.next()
      })()
      const over = assert.rejects(frames, { code: 'TIMEOUT' })
      for (let ms = 0; ms < limitMs - 200; ms += 100) {
        pass(100, true)
        await new Promise((resolve) => setImmediate(resolve))
      }
      query.throwIfFailed()
      for (let ms = 0; ms < 300; ms += 100) {
        pass(100, true)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await over
    }
  })

  it('refuses frames of another query, but takes the refusal of the whole lane', async () => {
    const wrong = setUp()
    wrong.stream.receive(encodeAnswer({ number: 7, events: [] }))
    await assert.rejects(wrong.query.next(), { code: 'PROTOCOL_ERROR' })
    const full = setUp()
    const failure = encodeFailure(new RealmeshError('REALM_OVERLOADED', 'full'))
    full.stream.receive(encodeAnswer({ number: LANE_REFUSED, events: [], failure }))
    assert.equal((await full.query.next()).failure?.code, 'REALM_OVERLOADED')
  })

  it('says that the peer is lost when the lane closes before the end', async () => {
    const made = setUp()
    const failed = waits(made)
    made.stream.end()
    assert.equal(((await failed) as RealmeshError).code, 'PEER_LOST')
  })

  it('folds the first frame into the round trip, within bounds', () => {
    const { time, lane, query } = setUp()
    lane.sentAt = 0
    time.now = 120
    assert.equal(query.measured(), 120)
    assert.equal(lane.rttMs, RTT_MS + 0.3 * (120 - RTT_MS))
    time.now = 60_000
    assert.equal(query.measured(), MAX_RTT_MS)
  })

  it('reads a frame in each turn of the event loop, however many lie ready', async () => {
    const { stream, query } = setUp()
    query.sent()
    for (let i = 0; i < 3; i += 1) stream.receive(encodeAnswer({ number: query.number, events: [{ text: 'x' }] }))
    let read = 0
    const all = (async () => {
      for (; read < 3; read += 1) await query.next()
    })()
    const seen: number[] = []
    for (let turns = 0; turns < 4; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(read)
    }
    await all
    assert.ok(seen.includes(1) || seen.includes(2), seen.join())
  })

  it('reads what comes too fast later, and no sooner', async () => {
    const { stream, query, time, clock } = setUp()
    query.sent()
    const events = Array.from({ length: MAX_EVENTS_PER_FRAME }, () => ({ text: 'x' }))
    const frames = ANSWER_EVENT_BURST / MAX_EVENTS_PER_FRAME + 1
    for (let i = 0; i < frames; i += 1) stream.receive(encodeAnswer({ number: query.number, events }))
    for (let i = 0; i < frames; i += 1) await query.next()
    let read = false
    stream.receive(encodeAnswer({ number: query.number, events }))
    const next = query.next().then(() => {
      read = true
    })
    const dueMs = (1_000 * MAX_EVENTS_PER_FRAME) / ANSWER_EVENTS_PER_SECOND
    clock.advance(dueMs - 1)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(read, false)
    time.now += dueMs
    clock.advance(1)
    await next
  })
})
