import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { aborted } from '../../support/aborted.ts'
import { collect } from '../../support/collect.ts'
import { QueryPair } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'
import { END, failing, START } from '../../support/scripted-run.ts'

describe('a query to a peer that fails', () => {
  let pair: QueryPair

  const start = async (run: RunQuery): Promise<void> => {
    pair = await QueryPair.start(run)
  }

  afterEach(async () => {
    await pair.stop()
  })

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
