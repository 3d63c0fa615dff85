import assert from 'node:assert/strict'
import { PIECE_BYTES, RECEIVE_GRACE_MS } from '../../../../../protocols/query/constants.ts'
import { askFrames, encodeBody } from '../../../../../protocols/query/frames/ask-codec.ts'
import type { LaneHandler } from '../../../../../protocols/query/link.ts'
import { QueryServer } from '../../../../../protocols/query/serving/server.ts'
import { admits } from '../../../../support/admits.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { chatQuery } from '../../../../support/query.ts'
import { nodeLoad } from '../../../../support/routing.ts'

/** A server and one lane on which the first piece of a long query has come. */
async function halfAsked() {
  const clock = new ManualClock(0)
  let handler: LaneHandler | undefined
  const accept = async (_protocol: string, given: LaneHandler): Promise<void> => {
    handler = given
  }
  const server = new QueryServer(
    {
      links: { accept, refuse: async () => {} },
      admit: admits(async function* () {}),
      load: () => nodeLoad(1),
      clock,
    },
    { network: 'test' },
  )
  await server.start()
  const stream = new FakeStream()
  handler?.onLane(stream.stream, 'asker')
  const query = chatQuery({ body: { messages: [{ role: 'user', content: 'x'.repeat(3 * PIECE_BYTES) }] } })
  const [first] = askFrames(1, query, encodeBody(query))
  stream.receive(first ?? assert.fail('a query has a frame'))
  await new Promise((resolve) => setImmediate(resolve))
  return { clock, server, stream }
}

describe('QueryServer', () => {
  it('ends a lane on which a query comes too slowly', async () => {
    const { clock, server, stream } = await halfAsked()
    clock.advance(2 * RECEIVE_GRACE_MS)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(stream.status, 'aborted')
    assert.equal(server.stats().malformed, 1)
    await server.stop()
  })

  it('blames no asker for the time in which this process stood still', async () => {
    const { clock, server, stream } = await halfAsked()
    clock.stall(10 * RECEIVE_GRACE_MS)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([stream.status, server.stats().malformed], ['open', 0])
    clock.advance(2 * RECEIVE_GRACE_MS)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(server.stats().malformed, 1)
    await server.stop()
  })
})
