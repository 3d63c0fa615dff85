import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { decodeAnswer } from '../../../../../protocols/query/frames/answer-codec.ts'
import { askFrames, encodeBody } from '../../../../../protocols/query/frames/ask-codec.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import type { Answer } from '../../../../../protocols/query/frames/messages.ts'
import { ByteBudget } from '../../../../../protocols/query/serving/byte-budget.ts'
import { InboundLane } from '../../../../../protocols/query/serving/inbound-lane.ts'
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

describe('InboundLane', () => {
  it('says nothing of an answer after its end, however full the stream is, so that the next query can come at once', async () => {
    const stream = new FakeStream()
    const served: string[] = []
    const second = Promise.withResolvers<void>()
    const lane = new InboundLane(
      {
        stream: stream.stream,
        receiving: new ByteBudget({ bytes: 1_000 }),
        now: () => 0,
        load: () => new Uint8Array(),
        run: async function* (query): AsyncGenerator<QueryEvent> {
          served.push(query.id)
          if (query.id === 'q-2') second.resolve()
          yield { kind: 'text', text: 'all' }
          stream.writableNeedsDrain = query.id === 'q-1' // full from here on: the way to the asker is slow
          yield { kind: 'end', finishReason: 'stop' }
        },
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
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    stream.drain()
    await Promise.race([second.promise, serving])
    assert.deepEqual(served, ['q-1', 'q-2'])
    await new Promise((resolve) => setImmediate(resolve))
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
})
