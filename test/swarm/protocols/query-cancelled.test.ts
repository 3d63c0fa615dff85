import assert from 'node:assert/strict'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { aborted } from '../../support/aborted.ts'
import { collect } from '../../support/collect.ts'
import { QueryPair } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'
import { END, endless, START } from '../../support/scripted-run.ts'
import { until } from '../../support/until.ts'

describe('a query over a lane that is cancelled', () => {
  let pair: QueryPair

  const start = async (run: RunQuery): Promise<void> => {
    pair = await QueryPair.start(run)
  }

  afterEach(async () => {
    await pair.stop()
  })

  it('by the signal: the server’s run is aborted, the asker gets CANCELLED', async () => {
    const stopped = Promise.withResolvers<void>()
    await start(endless(stopped.resolve))
    const abort = new AbortController()
    const events = pair.ask(chatQuery(), abort.signal)[Symbol.asyncIterator]()
    await events.next()
    const next = events.next()
    abort.abort()
    await assert.rejects(next, { code: 'CANCELLED' })
    await stopped.promise
  })

  it('by leaving the loop: the server’s run is aborted', async () => {
    const stopped = Promise.withResolvers<void>()
    await start(endless(stopped.resolve))
    for await (const event of pair.ask(chatQuery())) if (event.kind === 'start') break
    await stopped.promise
    assert.equal(pair.client.running, 0)
  })

  it('while the consumer is busy: the server stops at once and nothing more is handed on', async () => {
    const stopped = Promise.withResolvers<void>()
    await start(async function* (_, { signal }) {
      yield START
      yield { kind: 'text', text: 'late' }
      await aborted(signal)
      stopped.resolve()
    })
    const abort = new AbortController()
    const events = pair.ask(chatQuery(), abort.signal)[Symbol.asyncIterator]()
    await events.next()
    abort.abort()
    await stopped.promise
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
    const [connection] = pair.asker.getConnections()
    assert.ok(connection !== undefined)
    const newStream = connection.newStream.bind(connection)
    connection.newStream = async (...args) => {
      const stream = await newStream(...args)
      abort.abort()
      return stream
    }
    await assert.rejects(collect(pair.ask(chatQuery({ id: 'late' }), abort.signal)), { code: 'CANCELLED' })
    await collect(pair.ask(chatQuery({ id: 'next' })))
    assert.deepEqual(asked, ['next'])
    await until('the late lane is gone', () => pair.queryServer.stats().lanes <= 1)
  })

  it('by a node that stops: its askers get CANCELLED, its server’s runs are aborted', async () => {
    const stopped = Promise.withResolvers<void>()
    await start(endless(stopped.resolve))
    const events = pair.ask(chatQuery())[Symbol.asyncIterator]()
    await events.next()
    const next = events.next()
    await Promise.all([pair.client.stop(), assert.rejects(next, { code: 'CANCELLED' })])
    await stopped.promise
  })
})
