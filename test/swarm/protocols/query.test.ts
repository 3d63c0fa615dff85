import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { collect, textOf } from '../../support/collect.ts'
import { LOAD, QueryPair, type QueryPairOptions } from '../../support/libp2p-query-pair.ts'
import { platformSignal } from '../../support/platform-signal.ts'
import { chatQuery } from '../../support/query.ts'
import { until } from '../../support/until.ts'

const START: QueryEvent = { kind: 'start', node: 'n', worker: 'w', engine: 'stub', model: 'tiny' }
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 3, completionTokens: 2 } }

/** A promise and what settles it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Resolves when `signal` aborts. */
async function aborted(signal: CancelSignal): Promise<void> {
  if (!signal.aborted) await once(platformSignal(signal), 'abort')
}

/** A run that fails before its first event. */
function failing(error: Error): RunQuery {
  return () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) })
}

describe('a query over a lane', () => {
  let pair: QueryPair

  const start = async (run: RunQuery, options?: QueryPairOptions): Promise<void> => {
    pair = await QueryPair.start(run, options)
  }

  afterEach(async () => {
    await pair.stop()
  })

  it('brings the events back in order, one by one as they come', async () => {
    const second = gate()
    await start(async function* () {
      yield START
      yield { kind: 'text', text: 'hel' }
      await second.opened
      yield { kind: 'reasoning', text: 'hm' }
      yield { kind: 'text', text: 'lo' }
      yield END
    })
    const seen: QueryEvent[] = []
    for await (const event of pair.ask(chatQuery())) {
      seen.push(event)
      if (event.kind === 'text' && event.text === 'hel') second.open()
    }
    assert.deepEqual(seen, [
      { ...START, node: pair.peer },
      { kind: 'text', text: 'hel' },
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'lo' },
      END,
    ])
  })

  it('hands the server the query with the connection’s word on who asks', async () => {
    let received: unknown
    await start(async function* (query) {
      received = query
      yield END
    })
    await collect(pair.ask(chatQuery({ origin: 'somebody else', hopsLeft: 9 })))
    assert.deepEqual(received, { ...chatQuery(), origin: pair.asker.peerId.toString(), hopsLeft: 1 })
  })

  it('takes who serves from the connection, whatever the peer calls itself', async () => {
    await start(async function* () {
      yield { ...START, node: '漢字\r\nx-evil: 1' }
      yield END
    })
    const [first] = await collect(pair.ask(chatQuery()))
    assert.ok(first?.kind === 'start' && first.node === pair.peer)
  })

  it('tells the load at the start and at the end', async () => {
    await start(async function* () {
      yield END
    })
    await collect(pair.ask(chatQuery()))
    assert.ok(pair.loads.length > 0)
    for (const { peer, load } of pair.loads) {
      assert.equal(peer, pair.peer)
      assert.deepEqual(load, LOAD)
    }
  })

  it('reuses a lane after a clean end', async () => {
    await start(async function* (query) {
      yield { kind: 'text', text: query.id }
      yield END
    })
    for (const id of ['a', 'b', 'c']) assert.equal(textOf(await collect(pair.ask(chatQuery({ id })))), id)
    assert.equal(pair.queryServer.stats().opened, 1)
  })

  it('reuses a lane after a refusal, which carries code, wait and load, and no words of its node', async () => {
    await start(failing(new RealmeshError('REALM_OVERLOADED', 'the queue is full', { retryAfterMs: 700, fix: 'wait' })))
    for (let i = 0; i < 3; i += 1) {
      await assert.rejects(collect(pair.ask(chatQuery())), {
        code: 'REALM_OVERLOADED',
        retryable: true,
        retryAfterMs: 700,
        message: 'the other node takes no more queries at the moment',
        fix: undefined,
      })
    }
    assert.equal(pair.queryServer.stats().opened, 1)
    assert.ok(pair.loads.length >= 3)
  })

  it('runs many queries at once, each on its lane', async () => {
    await start(async function* (query) {
      for (let i = 0; i < 20; i += 1) {
        yield { kind: 'text', text: `${query.id};` }
        await new Promise(setImmediate)
      }
      yield END
    })
    const ids = Array.from({ length: 30 }, (_, i) => `q${i}`)
    const answers = await Promise.all(ids.map((id) => collect(pair.ask(chatQuery({ id })))))
    for (const [i, answer] of answers.entries()) assert.equal(textOf(answer), `${ids[i]};`.repeat(20))
    assert.equal(pair.queryServer.stats().opened, 30)
  })

  it('lets callers wait in line when all lanes are in use', async () => {
    await start(
      async function* (query) {
        yield { kind: 'text', text: query.id }
        await new Promise(setImmediate)
        yield END
      },
      { client: { maxLanesPerPeer: 2 } },
    )
    const ids = Array.from({ length: 12 }, (_, i) => `q${i}`)
    const answers = await Promise.all(ids.map((id) => collect(pair.ask(chatQuery({ id })))))
    assert.deepEqual(answers.map(textOf), ids)
    assert.equal(pair.queryServer.stats().opened, 2)
  })

  it('answers a lane too many with a refusal', async () => {
    const hold = gate()
    await start(
      async function* () {
        yield START
        await hold.opened
        yield END
      },
      { server: { maxLanesPerPeer: 1 } },
    )
    const first = pair.ask(chatQuery())[Symbol.asyncIterator]()
    await first.next()
    await assert.rejects(collect(pair.ask(chatQuery())), { code: 'REALM_OVERLOADED', retryable: true })
    hold.open()
    assert.equal((await first.next()).value?.kind, 'end')
    assert.equal(pair.queryServer.stats().refused, 1)
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

  it('gives up on a peer that does not open a stream on the connection there is', async () => {
    await start(failing(new Error('never runs')), { client: { openTimeoutMs: 1, dialTimeoutMs: 60_000 } })
    const hanging = (_: unknown, __: unknown, options?: { signal?: AbortSignal }): Promise<never> =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason))
      })
    pair.asker.dialProtocol = hanging
    await assert.rejects(collect(pair.ask(chatQuery())), { code: 'PEER_UNREACHABLE' })
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

  describe('that is cancelled', () => {
    const endless = (stopped: () => void): RunQuery =>
      async function* (_, { signal }) {
        yield START
        await aborted(signal)
        stopped()
        throw signal.reason
      }

    it('by the signal: the server’s run is aborted, the asker gets CANCELLED', async () => {
      const stopped = gate()
      await start(endless(stopped.open))
      const abort = new AbortController()
      const events = pair.ask(chatQuery(), abort.signal)[Symbol.asyncIterator]()
      await events.next()
      const next = events.next()
      abort.abort()
      await assert.rejects(next, { code: 'CANCELLED' })
      await stopped.opened
    })

    it('by leaving the loop: the server’s run is aborted', async () => {
      const stopped = gate()
      await start(endless(stopped.open))
      for await (const event of pair.ask(chatQuery())) if (event.kind === 'start') break
      await stopped.opened
      assert.equal(pair.client.running, 0)
    })

    it('while the consumer is busy: the server stops at once and nothing more is handed on', async () => {
      const stopped = gate()
      await start(async function* (_, { signal }) {
        yield START
        yield { kind: 'text', text: 'late' }
        await aborted(signal)
        stopped.open()
      })
      const abort = new AbortController()
      const events = pair.ask(chatQuery(), abort.signal)[Symbol.asyncIterator]()
      await events.next()
      abort.abort()
      await stopped.opened
      await assert.rejects(events.next(), { code: 'CANCELLED' })
    })

    it('before it began: nothing is sent', async () => {
      await start(async function* () {
        yield END
      })
      await assert.rejects(collect(pair.ask(chatQuery(), AbortSignal.abort())), { code: 'CANCELLED' })
      assert.equal(pair.queryServer.stats().opened, 0)
    })

    it('in the moment in which its lane is opened: nothing runs, and the lane is not left behind', async () => {
      const asked: string[] = []
      await start(async function* (query) {
        asked.push(query.id)
        yield END
      })
      const abort = new AbortController()
      const dial = pair.asker.dialProtocol.bind(pair.asker)
      pair.asker.dialProtocol = async (...args) => {
        const stream = await dial(...args)
        abort.abort()
        return stream
      }
      await assert.rejects(collect(pair.ask(chatQuery({ id: 'late' }), abort.signal)), { code: 'CANCELLED' })
      await collect(pair.ask(chatQuery({ id: 'next' })))
      assert.deepEqual(asked, ['next'])
      await until('the late lane is gone', () => pair.queryServer.stats().lanes <= 1)
    })

    it('by a node that stops: its askers get CANCELLED, its server’s runs are aborted', async () => {
      const stopped = gate()
      await start(endless(stopped.open))
      const events = pair.ask(chatQuery())[Symbol.asyncIterator]()
      await events.next()
      const next = events.next()
      await Promise.all([pair.client.stop(), assert.rejects(next, { code: 'CANCELLED' })])
      await stopped.opened
    })
  })

  describe('to a peer that fails', () => {
    it('with a private error: the asker learns that the engine failed, nothing of why', async () => {
      await start(failing(new RealmeshError('STORAGE_FAILED', 'cannot open /home/me/secret')))
      await assert.rejects(collect(pair.ask(chatQuery())), (error: RealmeshError) => {
        assert.equal(error.code, 'ENGINE_FAILED')
        assert.equal(error.retryable, true)
        assert.doesNotMatch(error.message, /secret/)
        return true
      })
    })

    it('by ending without an end', async () => {
      await start(async function* () {
        yield START
      })
      await assert.rejects(collect(pair.ask(chatQuery())), { code: 'ENGINE_GARBAGE', retryable: true })
    })

    it('by closing the connection in the middle: PEER_LOST', async () => {
      await start(async function* (_, { signal }) {
        yield START
        await aborted(signal)
      })
      const events = pair.ask(chatQuery())[Symbol.asyncIterator]()
      await events.next()
      const next = events.next()
      for (const connection of pair.server.getConnections()) connection.abort(new Error('pulled the plug'))
      await assert.rejects(next, { code: 'PEER_LOST', retryable: true })
    })

    it('by resetting the lane in the middle: PEER_LOST, and the next query gets a fresh lane', async () => {
      await start(async function* (query, { signal }) {
        yield START
        if (query.id !== 'lost') yield END
        else await aborted(signal)
      })
      const events = pair.ask(chatQuery({ id: 'lost' }))[Symbol.asyncIterator]()
      await events.next()
      const next = events.next()
      for (const connection of pair.server.getConnections()) {
        for (const stream of connection.streams) if (stream.protocol.includes('query')) stream.abort(new Error('reset'))
      }
      await assert.rejects(next, { code: 'PEER_LOST' })
      assert.equal((await collect(pair.ask(chatQuery()))).at(-1)?.kind, 'end')
    })

    it('by not being there: PEER_UNREACHABLE', async () => {
      await start(async function* () {
        yield END
      })
      await pair.queryServer.stop()
      await assert.rejects(collect(pair.ask(chatQuery())), { code: 'PEER_UNREACHABLE', retryable: true })
      await assert.rejects(
        collect(pair.client.run('not a peer id')(chatQuery(), { signal: new AbortController().signal })),
        {
          code: 'PEER_UNREACHABLE',
        },
      )
    })
  })

  it('leaves nothing behind after many queries that were left, cancelled, failed or answered', async () => {
    await start(async function* (query, { signal }) {
      for (let i = 0; i < 5; i += 1) {
        yield { kind: 'text', text: `${i}` }
        await new Promise(setImmediate)
        signal.throwIfAborted()
      }
      if (query.id.endsWith('3')) throw new RealmeshError('ENGINE_FAILED', 'as planned')
      yield END
    })
    const shared = new AbortController()
    const outcomes = new Set<string>()
    const one = async (i: number): Promise<void> => {
      const own = new AbortController()
      const signal = i % 3 === 0 ? own.signal : shared.signal
      let seen = 0
      try {
        for await (const event of pair.ask(chatQuery({ id: `q${i}` }), signal)) {
          seen += 1
          if (i % 3 === 0 && seen === i % 5) own.abort()
          if (i % 4 === 1 && seen === i % 7) break
          if (event.kind === 'end') outcomes.add('end')
        }
      } catch (error) {
        outcomes.add((error as RealmeshError).code)
      }
    }
    for (let i = 0; i < 400; i += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => one(i + k)))
    assert.deepEqual([...outcomes].sort(), ['CANCELLED', 'ENGINE_FAILED', 'end'])
    assert.equal(pair.client.running, 0)
    assert.equal(getEventListeners(shared.signal, 'abort').length, 0)
    await pair.client.stop()
    await until('no lane', () => pair.queryServer.stats().lanes === 0)
    assert.equal(pair.queryServer.stats().malformed, 0)
    const openStreams = (): number =>
      [...pair.asker.getConnections(), ...pair.server.getConnections()]
        .flatMap((connection) => connection.streams)
        .filter(({ protocol }) => protocol.includes('query')).length
    await until('no stream', () => openStreams() === 0)
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
