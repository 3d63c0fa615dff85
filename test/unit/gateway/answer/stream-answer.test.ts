import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { streamAnswer } from '../../../../gateway/answer/stream-answer.ts'
import { ChatChunks } from '../../../../gateway/openai/chat/chat-chunks.ts'
import { sseFormat } from '../../../../gateway/openai/format/send-answer.ts'
import { PING_EVERY_MS } from '../../../../gateway/request/limits.ts'
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
  let clock: ManualClock
  const run = (events: AsyncIterable<QueryEvent>): Promise<void> =>
    streamAnswer({ accepted: { id: 'q-1', events } }, { response: response.asServerResponse(), clock }, FORMAT, '')
  beforeEach(() => {
    response = new FakeResponse()
    clock = new ManualClock()
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

  it('tells of a wait in the head, once that is out in comments, and never the same twice', async () => {
    const queued = (position: number): QueryEvent => ({ kind: 'queued', position, estimatedWaitMs: 2_000 * position })
    await run(
      (async function* (): AsyncGenerator<QueryEvent> {
        yield queued(3)
        await turn()
        assert.equal(response.headersSent, false, 'an error now still has its own status')
        clock.advance(PING_EVERY_MS)
        await turn()
        assert.equal(response.headers['x-realmesh-queue'], 'position=3, estimated-wait-ms=6000')
        yield queued(3)
        yield queued(1)
        yield FAKE_START
        yield { kind: 'progress', fraction: 0.25, note: 'llama loads the model' }
        yield { kind: 'text', text: 'one' }
        yield { kind: 'end', finishReason: 'stop' }
      })(),
    )
    const comments = response.pieces.join('').match(/(?<=^|HEAD):.*$/gm)
    assert.deepEqual(comments, [
      ': ping',
      ': x-realmesh-queue position=1, estimated-wait-ms=2000',
      ': x-realmesh-node peer-that-serves',
      ': x-realmesh-queue progress=0.25, note="llama loads the model"',
    ])
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
