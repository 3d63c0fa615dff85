import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { RunQuery } from '../../../core/run/run-query.ts'
import { collect } from '../../support/collect.ts'
import { LOAD, QueryPair } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'
import { END, START } from '../../support/scripted-run.ts'

describe('a query over a lane', () => {
  let pair: QueryPair

  const start = async (run: RunQuery): Promise<void> => {
    pair = await QueryPair.start(run)
  }

  afterEach(async () => {
    await pair.stop()
  })

  it('brings the events back in order, one by one as they come', async () => {
    const second = Promise.withResolvers<void>()
    await start(async function* () {
      yield START
      yield { kind: 'text', text: 'hel' }
      await second.promise
      yield { kind: 'reasoning', text: 'hm' }
      yield { kind: 'text', text: 'lo' }
      yield END
    })
    const seen: QueryEvent[] = []
    for await (const event of pair.ask(chatQuery())) {
      seen.push(event)
      if (event.kind === 'text' && event.text === 'hel') second.resolve()
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
})
