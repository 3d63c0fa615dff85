import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { streamAnswer } from '../../../../gateway/answer/stream-answer.ts'
import { ChatChunks } from '../../../../gateway/openai/chat/chat-chunks.ts'
import { sseFormat } from '../../../../gateway/openai/format/send-answer.ts'
import { FAKE_START } from '../../../support/fake-node.ts'
import { FakeResponse } from '../../../support/fake-response.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const FORMAT = sseFormat(
  { log: silentLogger, ignored: () => [] },
  (start) => new ChatChunks(start, { includeUsage: false, wantsReceipt: false }),
)
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a streamed answer', () => {
  let response: FakeResponse
  const run = (events: AsyncIterable<QueryEvent>): Promise<void> =>
    streamAnswer({ id: 'q-1', events }, { response: response.asServerResponse(), clock: new ManualClock() }, FORMAT, '')
  beforeEach(() => {
    response = new FakeResponse()
  })

  it('pulls no more events while the reader stalls, and goes on when it reads', async () => {
    let pulled = 0
    response.stalled = true
    const done = run(
      (async function* (): AsyncGenerator<QueryEvent> {
        yield FAKE_START
        for (; pulled < 50; pulled += 1) {
          yield { kind: 'text', text: 'token' }
          await turn()
        }
        yield { kind: 'end', finishReason: 'stop' }
      })(),
    )
    for (let i = 0; i < 50; i += 1) await turn()
    assert.ok(pulled < 5, `${pulled} events were pulled`)
    response.goOn()
    await done
    assert.equal(response.pieces.join('').match(/"content":"token"/g)?.length, 50)
  })

  it('leaves the events alone once the client is gone', async () => {
    let left = false
    await run(
      (async function* (): AsyncGenerator<QueryEvent> {
        try {
          yield FAKE_START
          response.destroy()
          for (;;) yield { kind: 'text', text: 'token' }
        } finally {
          left = true
        }
      })(),
    )
    assert.equal(left, true)
  })

  it('names the node that goes on with a broken answer in a comment', async () => {
    await run(
      (async function* (): AsyncGenerator<QueryEvent> {
        yield FAKE_START
        yield { kind: 'text', text: 'one' }
        yield { ...FAKE_START, node: 'second-peer' }
        yield { kind: 'text', text: 'two' }
        yield { kind: 'end', finishReason: 'stop' }
      })(),
    )
    assert.match(response.pieces.join(''), /one[\s\S]*\n: x-realmesh-node second-peer\n\ndata: [\s\S]*two/)
  })
})
