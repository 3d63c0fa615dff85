import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { type LinkedAbort, linkedAbort } from '../../../../../../core/run/linked-abort.ts'
import {
  MAX_BACKGROUND_RUNS,
  MAX_BACKGROUND_RUNS_OF_USER,
  type ResponseDesk,
} from '../../../../../../gateway/openai/responses/kept/response-desk.ts'
import { MAX_RECORDED_LENGTH } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import { MAX_TAKEN_UP, PLACE_WITHIN_MS } from '../../../../../../gateway/openai/responses/kept/rest-of-response.ts'
import { aborted } from '../../../../../support/aborted.ts'
import { collect, textOf } from '../../../../../support/collect.ts'
import { answering, FAKE_START, listedModel } from '../../../../../support/fake-node.ts'
import { type OpenDesk, openDesk, recordInit } from '../../../../../support/response-desk.ts'
import { until } from '../../../../../support/until.ts'

const END: QueryEvent = { kind: 'end', finishReason: 'stop' }
const NOT_FOUND = { code: 'RESPONSE_NOT_FOUND' }

async function* saying(text: string): AsyncGenerator<QueryEvent> {
  yield FAKE_START
  yield { kind: 'text', text }
  yield END
}

/** Runs until its life ends. */
async function* endless({ signal }: LinkedAbort): AsyncGenerator<QueryEvent> {
  yield FAKE_START
  await aborted(signal)
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

  describe('behind another process', () => {
    /** A desk that finds what the other one wrote. */
    const next = (): OpenDesk => {
      const opened = openDesk()
      opened.node.responses = at.node.responses
      opened.node.listed = [listedModel('m')]
      opened.node.script = answering('lo', ' there')
      return opened
    }
    /** A response of which so much came before its process ended. */
    const leave = async (...events: readonly QueryEvent[]): Promise<void> => {
      const life = linkedAbort()
      const source = async function* (): AsyncGenerator<QueryEvent> {
        yield* events
        yield* endless(life)
      }
      const init = { ...recordInit('q'), way: { scope: 'home', settings: { mirostat: 1 } } as const }
      const running = await desk.background('ann', init, life, source())
      await until('all of it is safe', () => {
        const { pieces = [] } = at.node.responses.rows.get('ann resp_q') ?? {}
        return pieces.flatMap((piece) => JSON.parse(piece)).length === events.length + 1
      })
      desk.suspend()
      await assert.rejects(collect(running.read()), { code: 'DRAINING' })
    }
    const HEL: readonly QueryEvent[] = [FAKE_START, { kind: 'text', text: 'Hel' }]

    it('goes on with what ran, as it was asked, behind its last character', async () => {
      await leave(...HEL)
      const { desk: other, node } = next()
      await other.takeUp()
      const running = await other.take('ann', 'resp_q')
      assert.equal(textOf(await collect(running.read())), 'Hello there')
      const [asked] = node.asked
      assert.deepEqual([asked?.id, asked?.user, asked?.scope], ['q', 'ann', 'home'])
      assert.deepEqual(asked?.answered?.slice(0, 2), HEL)
      assert.ok(asked?.type === 'chat')
      assert.deepEqual(asked.body.settings, { mirostat: 1 })
      assert.equal(at.node.responses.rows.get('ann resp_q')?.runs, undefined)
      assert.equal((await other.take('ann', 'resp_q')).record.status, 'completed')
    })

    it('goes on once, for all that ask for it', async () => {
      await leave(...HEL)
      const { desk: other, node } = next()
      const [one, two] = await Promise.all([other.take('ann', 'resp_q'), other.take('ann', 'resp_q')])
      assert.equal(one, two)
      await collect(one.read())
      assert.equal(node.asked.length, 1)
    })

    it('has what ended just before its process did', async () => {
      await leave(...HEL)
      await at.node.responses.append('ann', 'resp_q', () => JSON.stringify([END]))
      const { desk: other, node } = next()
      await other.takeUp()
      assert.equal((await other.take('ann', 'resp_q')).record.status, 'completed')
      assert.equal(node.asked.length, 0)
    })

    it('waits for a place that can go on, and for so long', async () => {
      await leave(...HEL)
      const { desk: other, node, clock } = next()
      node.listed = []
      const { record } = await other.take('ann', 'resp_q')
      await until('it waits', () => clock.pending > 0)
      node.listed = [listedModel('m')]
      clock.advance(60_000)
      await until('it has ended', () => record.ended !== undefined)
      assert.equal(record.status, 'completed')
    })

    it('says so where nobody can go on', async () => {
      await leave(...HEL)
      const { desk: other, node, clock } = next()
      node.listed = []
      const { record } = await other.take('ann', 'resp_q')
      await until(
        'it gave up',
        () => record.ended !== undefined,
        () => clock.advance(PLACE_WITHIN_MS / 10),
      )
      assert.deepEqual([record.status, record.error?.code], ['failed', 'MODEL_NOT_FOUND'])
    })

    it('leaves alone what another node makes', async () => {
      await leave(...HEL)
      const row = at.node.responses.rows.get('ann resp_q')
      assert.ok(row !== undefined)
      at.node.responses.rows.set('ann resp_q', { ...row, runs: 'elsewhere' })
      const { desk: other } = next()
      await other.takeUp()
      const running = await other.take('ann', 'resp_q')
      assert.equal(running.record.status, 'in_progress')
      await assert.rejects(collect(running.read()), { code: 'PEER_UNREACHABLE' })
    })

    it('does not go on for ever with one that ends each process', async () => {
      await leave(...HEL)
      for (let n = 0; n < MAX_TAKEN_UP; n += 1) {
        const { desk: other, node } = next()
        node.script = () => endless(linkedAbort())
        const running = await other.take('ann', 'resp_q')
        await until('it runs', () => running.outlives)
        other.suspend()
      }
      const { record } = await next().desk.take('ann', 'resp_q')
      await until('it has failed', () => record.ended !== undefined)
      assert.deepEqual([record.status, record.error?.code], ['failed', 'ANSWER_CUT'])
    })
  })
})
