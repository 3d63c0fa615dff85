import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { collect, textOf } from '../../support/collect.ts'
import { QueryPair, type QueryPairOptions } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'
import { END, failing, START } from '../../support/scripted-run.ts'
import { until } from '../../support/until.ts'

describe('the lanes of queries', () => {
  let pair: QueryPair

  const start = async (run: RunQuery, options?: QueryPairOptions): Promise<void> => {
    pair = await QueryPair.start(run, options)
  }

  afterEach(async () => {
    await pair.stop()
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
    const hold = Promise.withResolvers<void>()
    await start(
      async function* () {
        yield START
        await hold.promise
        yield END
      },
      { server: { maxLanesPerPeer: 1 } },
    )
    const first = pair.ask(chatQuery())[Symbol.asyncIterator]()
    await first.next()
    await assert.rejects(collect(pair.ask(chatQuery())), { code: 'REALM_OVERLOADED', retryable: true })
    hold.resolve()
    assert.equal((await first.next()).value?.kind, 'end')
    assert.equal(pair.queryServer.stats().refused, 1)
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
})
