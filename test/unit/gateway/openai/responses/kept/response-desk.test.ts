import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { type LinkedAbort, linkedAbort } from '../../../../../../core/run/linked-abort.ts'
import {
  MAX_BACKGROUND_RUNS,
  MAX_BACKGROUND_RUNS_OF_USER,
  type ResponseDesk,
} from '../../../../../../gateway/openai/responses/kept/response-desk.ts'
import { MAX_RECORDED_LENGTH } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import { collect, textOf } from '../../../../../support/collect.ts'
import { FAKE_START } from '../../../../../support/fake-node.ts'
import { type OpenDesk, openDesk, recordInit } from '../../../../../support/response-desk.ts'

const END: QueryEvent = { kind: 'end', finishReason: 'stop' }
const NOT_FOUND = { code: 'QUERY_NOT_FOUND' }

async function* saying(text: string): AsyncGenerator<QueryEvent> {
  yield FAKE_START
  yield { kind: 'text', text }
  yield END
}

/** Runs until its life ends. */
async function* endless({ signal }: LinkedAbort): AsyncGenerator<QueryEvent> {
  yield FAKE_START
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  signal.throwIfAborted()
}

describe('ResponseDesk', () => {
  let at: OpenDesk
  let desk: ResponseDesk
  beforeEach(() => {
    at = openDesk()
    desk = at.desk
  })

  const begin = async (user: string, id: string) => {
    const life = linkedAbort()
    return await desk.background(user, recordInit(id), life, endless(life))
  }

  it('has kept an answer before its client hears of the end', async () => {
    for await (const { kind } of desk.attended('ann', recordInit('q'), saying('yes'))) {
      assert.equal(at.node.responses.rows.size, kind === 'end' ? 1 : 0)
    }
    const { record } = await desk.take('ann', 'resp_q')
    assert.equal(record.status, 'completed')
    await assert.rejects(desk.take('bob', 'resp_q'), NOT_FOUND)
  })

  it('shows an answer while it comes, and keeps none that its client left', async () => {
    for await (const { kind } of desk.attended('ann', recordInit('q'), saying('yes'))) {
      if (kind !== 'text') continue
      assert.equal((await desk.take('ann', 'resp_q')).record.status, 'in_progress')
      break
    }
    await assert.rejects(desk.take('ann', 'resp_q'), NOT_FOUND)
  })

  it('does not keep what is too long, nor what was deleted before its end', async () => {
    await collect(desk.attended('ann', recordInit('long'), saying('x'.repeat(MAX_RECORDED_LENGTH))))
    await assert.rejects(desk.take('ann', 'resp_long'), NOT_FOUND)
    for await (const { kind } of desk.attended('ann', recordInit('gone'), saying('yes'))) {
      if (kind === 'start') await desk.remove('ann', 'resp_gone')
    }
    await assert.rejects(desk.take('ann', 'resp_gone'), NOT_FOUND)
  })

  it('still shows the second of two answers under one id when the first has ended', async () => {
    const first = desk.attended('ann', recordInit('same'), saying('first'))
    await first.next()
    const second = desk.attended('ann', recordInit('same'), saying('second'))
    await second.next()
    await collect(first)
    assert.equal((await desk.take('ann', 'resp_same')).record.status, 'in_progress')
    await collect(second)
    assert.equal(textOf([...(await desk.take('ann', 'resp_same')).record.events]), 'second')
  })

  it('keeps what runs in the background at once, and again when it has ended', async () => {
    const running = await begin('ann', 'q')
    assert.equal(at.node.responses.rows.size, 1)
    const elsewhere = openDesk()
    elsewhere.node.responses = at.node.responses
    const { record } = await elsewhere.desk.take('ann', 'resp_q')
    assert.deepEqual([record.status, record.error?.code], ['failed', 'ANSWER_CUT'])
    await running.cancel()
    assert.equal((await desk.take('ann', 'resp_q')).record.status, 'cancelled')
  })

  it('has room for so many in the background, of one user and of all', async () => {
    for (let n = 0; n < MAX_BACKGROUND_RUNS_OF_USER; n += 1) await begin('ann', `a${n}`)
    assert.throws(() => desk.assertRoom('ann'), { code: 'REALM_OVERLOADED' })
    desk.assertRoom('bob')
    for (let n = MAX_BACKGROUND_RUNS_OF_USER; n < MAX_BACKGROUND_RUNS; n += 1) await begin(`user-${n}`, `b${n}`)
    assert.throws(() => desk.assertRoom('bob'), { code: 'REALM_OVERLOADED' })
    await desk.remove('ann', 'resp_a0')
    desk.assertRoom('bob')
  })
})
