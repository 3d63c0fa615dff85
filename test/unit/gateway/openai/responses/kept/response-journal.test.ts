import assert from 'node:assert/strict'
import { silentLogger } from '../../../../../../core/logger.ts'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../../../core/run/linked-abort.ts'
import {
  PIECES_BEFORE_REWRITE,
  ResponseJournal,
} from '../../../../../../gateway/openai/responses/kept/response-journal.ts'
import { ResponseRecord } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import { RunningResponse } from '../../../../../../gateway/openai/responses/kept/running-response.ts'
import { FAKE_START, FakeResponses } from '../../../../../support/fake-node.ts'
import { recordInit } from '../../../../../support/response-desk.ts'
import { turn, until } from '../../../../../support/until.ts'

describe('ResponseJournal', () => {
  let responses: FakeResponses
  let running: RunningResponse
  let journal: ResponseJournal
  let seen: QueryEvent[]

  beforeEach(async () => {
    responses = new FakeResponses()
    running = new RunningResponse({ record: new ResponseRecord(recordInit('q')), life: linkedAbort(), now: () => 9 })
    await responses.keep('ann', 'resp_q', { at: 1, text: running.record.toText() }, { runs: true })
    journal = new ResponseJournal({ running, responses, log: silentLogger }, 'ann')
    seen = []
    void (async () => {
      for await (const event of running.read()) seen.push(event)
    })()
  })

  const came = (event: QueryEvent): void => {
    running.record.add(event, 9)
    journal.note()
  }
  const kept = (): readonly QueryEvent[] => {
    const { text = '', pieces } = responses.rows.get('ann resp_q') ?? {}
    return ResponseRecord.fromText(text, pieces)?.events ?? []
  }
  const text = (word: string | number): QueryEvent => ({ kind: 'text', text: `${word}` })

  it('lets readers have what is safe, and gathers the rest while a piece is written', async () => {
    const synced = Promise.withResolvers<void>()
    responses.syncing = synced.promise
    came(FAKE_START)
    came(text('a'))
    await turn()
    assert.deepEqual([seen, kept()], [[], []])
    synced.resolve()
    await until('both are read', () => seen.length === 2)
    assert.deepEqual([responses.rows.get('ann resp_q')?.pieces?.length, kept()], [1, running.record.events])
  })

  it('writes the whole anew behind so many pieces', async () => {
    for (let n = 0; n <= PIECES_BEFORE_REWRITE + 1; n += 1) {
      came(text(n))
      await until('it is read', () => seen.length === n + 1)
    }
    assert.deepEqual(kept(), running.record.events)
    assert.equal(responses.rows.get('ann resp_q')?.pieces?.length, 1)
  })

  it('lets readers have all where it cannot be kept any more', async () => {
    responses.append = async () => {
      throw new RealmeshError('STORAGE_FULL', 'full')
    }
    came(text('a'))
    await until('it is read', () => seen.length === 1)
    assert.equal(running.outlives, false)
    running.record.add(text('b'), 9)
    const reader = running.read()
    assert.deepEqual([(await reader.next()).value, (await reader.next()).value], [text('a'), text('b')])
  })

  it('writes nothing of what its user wants gone', async () => {
    running.forgotten = true
    came(text('a'))
    await turn()
    assert.deepEqual(kept(), [])
  })
})
