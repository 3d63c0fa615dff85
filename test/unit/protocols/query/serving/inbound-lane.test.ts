import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import type { RunQuery } from '../../../../../core/run/run-query.ts'
import {
  MAX_DISCARDED_BYTES,
  MIN_RECEIVE_RATE,
  PIECE_BYTES,
  RECEIVE_GRACE_MS,
  STALLED_ASKER_MS,
} from '../../../../../protocols/query/constants.ts'
import { decodeAnswer } from '../../../../../protocols/query/frames/answer-codec.ts'
import { askFrames, encodeBody } from '../../../../../protocols/query/frames/ask-codec.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import type { Answer } from '../../../../../protocols/query/frames/messages.ts'
import type { AdmitQuery, Admitted, AskedQuery } from '../../../../../protocols/query/serving/admitted.ts'
import { ByteBudget } from '../../../../../protocols/query/serving/byte-budget.ts'
import { InboundLane } from '../../../../../protocols/query/serving/inbound-lane.ts'
import { admits } from '../../../../support/admits.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { chatQuery } from '../../../../support/query.ts'

/** The answers that were sent on a stream. */
function answersOn(stream: FakeStream, onAnswer: (answer: Answer) => void): readonly Answer[] {
  const answers: Answer[] = []
  const splitter = new FrameSplitter()
  stream.onSend = (bytes) => {
    splitter.push(bytes, (frame) => {
      const answer = decodeAnswer(frame)
      answers.push(answer)
      onAnswer(answer)
    })
  }
  return answers
}

const ask = (number: number): Uint8Array => {
  const query = chatQuery({ id: `q-${number}` })
  return Buffer.concat([...askFrames(number, query, encodeBody(query))])
}

/** The frames of a query whose body takes four. */
const longAsk = (number: number, content = 'x'.repeat(3.5 * PIECE_BYTES)): readonly Uint8Array[] => {
  const query = chatQuery({ id: `q-${number}`, body: { messages: [{ role: 'user', content }] } })
  return [...askFrames(number, query, encodeBody(query))]
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const hello: RunQuery = async function* () {
  yield { kind: 'text', text: 'hello' }
  yield { kind: 'end', finishReason: 'stop' }
}

function setUp(admit: AdmitQuery, { own = 1 << 20, others = 1 << 20 } = {}) {
  const stream = new FakeStream()
  const time = { now: 0 }
  const breaches: string[] = []
  const receiving = { own: new ByteBudget({ bytes: own }), others: new ByteBudget({ bytes: others }) }
  const lane = new InboundLane(
    {
      stream: stream.stream,
      receiving,
      now: () => time.now,
      load: () => new Uint8Array(),
      admit,
      onBadQuery: ({ message }) => breaches.push(message),
    },
    { peer: 'asker' },
  )
  const answers = answersOn(stream, () => {})
  const serving = lane.serve().catch((error: unknown) => error)
  const failures = (): readonly (string | undefined)[] =>
    answers.flatMap(({ failure }) => (failure === undefined ? [] : [failure.code]))
  const ends = (): number => answers.filter(({ events }) => events.some(({ end }) => end !== undefined)).length
  const over = async (): Promise<unknown> => {
    stream.abort(new Error('over'))
    return await serving
  }
  return { stream, time, lane, receiving, breaches, answers, serving, failures, ends, over }
}

describe('InboundLane', () => {
  it('says nothing of an answer after its end, however full the stream is, so that the next query can come at once', async () => {
    const stream = new FakeStream()
    const served: string[] = []
    const second = Promise.withResolvers<void>()
    const run: RunQuery = async function* (query): AsyncGenerator<QueryEvent> {
      served.push(query.id)
      if (query.id === 'q-2') second.resolve()
      yield { kind: 'text', text: 'all' }
      stream.writableNeedsDrain = query.id === 'q-1' // full from here on: the way to the asker is slow
      yield { kind: 'end', finishReason: 'stop' }
    }
    const budget = new ByteBudget({ bytes: 1_000 })
    const lane = new InboundLane(
      {
        stream: stream.stream,
        receiving: { own: budget, others: budget },
        now: () => 0,
        load: () => new Uint8Array(),
        admit: admits(run),
        onBadQuery: () => assert.fail('a good query'),
      },
      { peer: 'asker' },
    )
    const serving = lane.serve()
    // The asker frees the lane as soon as it has the end, and sends its next query while our end of the stream is still
    // full.
    const answers = answersOn(stream, ({ number, events }) => {
      if (number === 1 && events.some((event) => event.end !== undefined)) stream.receive(ask(2))
    })
    stream.receive(ask(1))
    for (let i = 0; i < 3; i += 1) await turn()
    stream.drain()
    await Promise.race([second.promise, serving])
    assert.deepEqual(served, ['q-1', 'q-2'])
    await turn()
    const ends = answers.flatMap(({ number, events }, at) =>
      events.some(({ end }) => end !== undefined) ? [[number, at]] : [],
    )
    const firstEnd = Number(ends[0]?.[1])
    assert.deepEqual(
      answers.slice(firstEnd + 1).filter(({ number }) => number === 1),
      [],
      'a frame of the first answer after its end',
    )
    assert.equal(stream.status, 'open')
    stream.abort(new Error('over'))
    await serving.catch(() => {})
  })

  it('decides on a query by its first frame, and keeps nothing of the body of one that it refuses', async () => {
    const asked: AskedQuery[] = []
    const made = setUp(async (query) => {
      asked.push(query)
      throw new RealmeshError('SHARE_REFUSED', 'not you')
    })
    const reserve = mock.method(made.receiving.others, 'reserve')
    const [first = assert.fail(), ...rest] = longAsk(1)
    made.stream.receive(first)
    await turn()
    assert.deepEqual([asked.length, asked[0]?.id, made.failures()], [1, 'q-1', ['SHARE_REFUSED']])
    for (const piece of rest) made.stream.receive(piece)
    await turn()
    assert.equal(reserve.mock.callCount(), 0)
    assert.deepEqual(made.breaches, [])
    // The lane is as good as before.
    for (const piece of longAsk(2)) made.stream.receive(piece)
    await turn()
    assert.deepEqual(made.failures(), ['SHARE_REFUSED', 'SHARE_REFUSED'])
    await made.over()
  })

  it('ends a lane whose asker sends a refused query on and on', async () => {
    const made = setUp(async () => {
      throw new RealmeshError('SHARE_REFUSED', 'not you')
    })
    const pieces = longAsk(1, '\u0001'.repeat(500_000))
    const most = 1 + Math.floor(MAX_DISCARDED_BYTES / PIECE_BYTES)
    for (const piece of pieces.slice(0, most)) {
      made.stream.receive(piece)
      await turn()
    }
    assert.deepEqual([made.stream.status, made.failures()], ['open', ['SHARE_REFUSED']])
    made.stream.receive(pieces[most] ?? assert.fail())
    assert.equal(((await made.serving) as RealmeshError).code, 'PROTOCOL_ERROR')
  })

  it('tells the asker of a short query that it lives while it is decided', async () => {
    const decided = Promise.withResolvers<Admitted>()
    const made = setUp(() => decided.promise)
    made.stream.receive(ask(1))
    for (let i = 0; i < 2; i += 1) await turn()
    assert.equal(made.answers.length, 1)
    made.time.now += 300
    made.lane.keepAlive(300)
    assert.equal(made.answers.length, 2)
    decided.resolve({ own: false, run: hello })
    await turn()
    assert.equal(made.ends(), 1)
    await made.over()
  })

  it('takes room for what has come, not for what was announced', async () => {
    const made = setUp(admits(hello))
    const reserve = mock.method(made.receiving.others, 'reserve')
    const [first = assert.fail(), ...rest] = longAsk(1)
    made.stream.receive(first)
    await turn()
    const reserved = (): number => reserve.mock.calls.reduce((sum, call) => sum + Number(call.arguments[0]), 0)
    assert.equal(reserved(), PIECE_BYTES)
    for (const piece of rest) made.stream.receive(piece)
    await turn()
    assert.equal(made.ends(), 1)
    assert.ok(reserved() > 3 * PIECE_BYTES)
    await made.over()
  })

  it('has room for its own federation when strangers have taken all of theirs', async () => {
    for (const own of [true, false]) {
      const made = setUp(admits(hello, own), { others: 8 * PIECE_BYTES })
      assert.ok(made.receiving.others.reserve(4 * PIECE_BYTES, 'one stranger'))
      assert.ok(made.receiving.others.reserve(4 * PIECE_BYTES, 'another'))
      for (const piece of longAsk(1)) made.stream.receive(piece)
      await turn()
      assert.deepEqual([made.ends(), made.failures()], own ? [1, []] : [0, ['REALM_OVERLOADED']])
      await made.over()
    }
  })

  it('gives the room back however a query ends', async () => {
    const made = setUp(admits(hello))
    const room = 4 * PIECE_BYTES
    const budget = new ByteBudget({ bytes: 2 * room })
    Object.assign(made.receiving, { others: budget })
    for (const piece of longAsk(1)) made.stream.receive(piece)
    for (let i = 0; i < 2; i += 1) await turn()
    for (const piece of longAsk(2).slice(0, 2)) made.stream.receive(piece)
    await turn()
    await made.over()
    await turn()
    assert.ok(budget.reserve(room, 'asker'))
  })

  it('ends a lane whose query arrives more slowly than the slowest line', async () => {
    const made = setUp(admits(hello))
    const [first = assert.fail(), second = assert.fail()] = longAsk(1)
    made.stream.receive(first)
    await turn()
    made.time.now += RECEIVE_GRACE_MS
    made.lane.expire(Number.POSITIVE_INFINITY)
    assert.equal(made.stream.status, 'open')
    made.stream.receive(second)
    await turn()
    made.time.now += (2_000 * PIECE_BYTES) / MIN_RECEIVE_RATE
    made.lane.expire(Number.POSITIVE_INFINITY)
    assert.equal(made.stream.status, 'open')
    made.time.now += 1
    made.lane.expire(Number.POSITIVE_INFINITY)
    assert.equal(made.stream.status, 'aborted')
    assert.equal(((await made.serving) as RealmeshError).code, 'PROTOCOL_ERROR')
  })

  it('ends a lane whose asker reads nothing of its answer: it holds a slot', async () => {
    let left = false
    const made = setUp(
      admits(async function* (): AsyncGenerator<QueryEvent> {
        try {
          for (;;) yield { kind: 'text', text: 'x' }
        } finally {
          left = true
        }
      }),
    )
    made.stream.writableNeedsDrain = true
    made.stream.receive(ask(1))
    await turn()
    made.time.now += STALLED_ASKER_MS - 1
    made.lane.expire(Number.POSITIVE_INFINITY)
    assert.deepEqual([made.stream.status, left], ['open', false])
    made.time.now += 1
    made.lane.expire(Number.POSITIVE_INFINITY)
    assert.equal(((await made.serving) as RealmeshError).code, 'TIMEOUT')
    assert.equal(left, true)
  })

  it('counts a body that no honest node sends as a breach, and none that a newer node may', async () => {
    const made = setUp(admits(hello))
    const bodies = ['{"messages":[', '{"messages":[{}]}', '{"messages":[],"new":1}']
    for (const [at, text] of bodies.entries()) {
      const [frame = assert.fail()] = askFrames(at + 1, chatQuery(), Buffer.from(text))
      made.stream.receive(frame)
      await turn()
    }
    assert.deepEqual(made.failures(), ['BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST'])
    assert.equal(made.breaches.length, 2)
    await made.over()
  })

  it('ends a lane whose asker should have stopped asking', async () => {
    const made = setUp(async () => {
      throw new RealmeshError('PROTOCOL_ERROR', 'asks on')
    })
    made.stream.receive(ask(1))
    assert.equal(((await made.serving) as RealmeshError).code, 'PROTOCOL_ERROR')
    assert.equal(made.stream.status, 'aborted')
  })
})
