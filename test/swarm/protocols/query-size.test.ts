import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { collect } from '../../support/collect.ts'
import { QueryPair, type QueryPairOptions } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'
import { END, failing } from '../../support/scripted-run.ts'

describe('a query of any size over a lane', () => {
  let pair: QueryPair

  const start = async (run: RunQuery, options?: QueryPairOptions): Promise<void> => {
    pair = await QueryPair.start(run, options)
  }

  afterEach(async () => {
    await pair.stop()
  })

  it('carries a body of several megabytes', async () => {
    const data = 'A'.repeat(9_000_000)
    let length = 0
    await start(async function* (query) {
      length = JSON.stringify(query.body).length
      yield END
    })
    const content = [{ type: 'image' as const, mediaType: 'image/png', data }]
    const body = { messages: [{ role: 'user' as const, content }] }
    await collect(pair.ask(chatQuery({ type: 'vision', body })))
    assert.equal(length, JSON.stringify(body).length)
  })

  it('carries an image of several megabytes and its previews, and vectors', async () => {
    const data = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * 31) & 0xff)
    const preview = { mediaType: 'image/png', data: data.slice(0, 3) }
    const progress: QueryEvent = { kind: 'progress', fraction: 0.5, note: 'half', preview }
    const embedding: QueryEvent = { kind: 'embedding', index: 0, vector: Float32Array.of(0.5, -1, 3.25) }
    await start(async function* (query) {
      if (query.type === 'embed') yield embedding
      else {
        yield progress
        yield { kind: 'image', index: 0, mediaType: 'image/png', data, seed: 42 }
      }
      yield END
    })
    const { body: _, type: __, ...envelope } = chatQuery()
    const [shown, image] = await collect(pair.ask({ ...envelope, type: 'imagine', body: { prompt: 'a dragon' } }))
    assert.deepEqual(shown, progress)
    assert.ok(image?.kind === 'image' && Buffer.from(image.data).equals(data) && image.seed === 42)
    const [vector] = await collect(pair.ask({ ...envelope, type: 'embed', body: { inputs: ['a'] } }))
    assert.deepEqual(vector, embedding)
  })

  it('refuses a large body for which there is no room, and takes the next that fits', async () => {
    let ran = 0
    await start(
      async function* () {
        ran += 1
        yield END
      },
      { server: { maxForeignReceivingBytes: 600_000 } },
    )
    const ask = (length: number): Promise<QueryEvent[]> =>
      collect(pair.ask(chatQuery({ body: { messages: [{ role: 'user', content: 'x'.repeat(length) }] } })))
    for (let i = 0; i < 3; i += 1) await assert.rejects(ask(400_000), { code: 'REALM_OVERLOADED', retryable: true })
    for (let i = 0; i < 3; i += 1) await ask(200_000)
    assert.equal(ran, 3)
    assert.equal(pair.queryServer.stats().malformed, 0)
  })

  it('stops sending a query that is refused by its first frame', async () => {
    const refused = new RealmeshError('SHARE_REFUSED', 'not for you')
    await start(failing(new Error('never runs')), {
      server: {
        admit: async () => {
          throw refused
        },
      },
    })
    let sent = 0
    const dialProtocol = pair.asker.dialProtocol.bind(pair.asker)
    pair.asker.dialProtocol = async (...to: Parameters<typeof dialProtocol>) => {
      const stream = await dialProtocol(...to)
      const send = stream.send.bind(stream)
      stream.send = (data) => {
        sent += data.byteLength
        return send(data)
      }
      return stream
    }
    const content = Array.from({ length: 250 }, () => ({ type: 'text' as const, text: '\u0001'.repeat(4_000) }))
    const query = chatQuery({ body: { messages: [{ role: 'user', content }] } })
    await assert.rejects(collect(pair.ask(query)), { code: 'SHARE_REFUSED' })
    assert.ok(sent < 4_000_000, `${sent} of 6,000,000 bytes were sent`)
    assert.equal(pair.queryServer.stats().malformed, 0)
  })

  it('refuses a prompt that is too large before a lane is opened', async () => {
    await start(async function* () {
      yield END
    })
    const content = 'x'.repeat(9 * 2 ** 20)
    await assert.rejects(collect(pair.ask(chatQuery({ body: { messages: [{ role: 'user', content }] } }))), {
      code: 'PROMPT_TOO_LARGE',
    })
    assert.equal(pair.queryServer.stats().opened, 0)
  })

  it('lets a slow reader slow the producer: what lies between them is bounded', async () => {
    const text = 'x'.repeat(4_096)
    let produced = 0
    await start(async function* () {
      for (; produced < 3_000; produced += 1) yield { kind: 'text', text }
      yield END
    })
    const events = pair.ask(chatQuery())[Symbol.asyncIterator]()
    await events.next()
    // The producer is done when it makes nothing in many turns of the loop.
    for (let before = -1; before !== produced; ) {
      before = produced
      for (let i = 0; i < 2_000; i += 1) await new Promise(setImmediate)
    }
    assert.ok(produced * text.length < 4 * 2 ** 20, `${produced * text.length} bytes`)
    let seen = 1
    for await (const event of { [Symbol.asyncIterator]: () => events }) if (event.kind === 'text') seen += 1
    assert.equal(seen, 3_000)
  })
})
