import assert from 'node:assert/strict'
import { checkValue } from '../../../../../../core/check-value.ts'
import { responseSchema } from '../../../../../../gateway/openai/responses/asked/response-schema.ts'
import {
  MAX_EARLIER_LENGTH,
  MAX_EARLIER_RESPONSES,
  type WholeInput,
  wholeInput,
} from '../../../../../../gateway/openai/responses/kept/earlier-items.ts'
import { ResponseRecord } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import { FAKE_START } from '../../../../../support/fake-node.ts'
import { type OpenDesk, openDesk, recordInit } from '../../../../../support/response-desk.ts'

describe('what a request builds on', () => {
  let at: OpenDesk
  beforeEach(() => {
    at = openDesk()
  })

  const ask = (fields: object, user = 'ann'): Promise<WholeInput> =>
    wholeInput(at.desk, user, checkValue(responseSchema, { input: 'now', ...fields }))
  /** Keeps a response that said `text`, and ended with `finish` where there is one. */
  const keep = async (id: string, text: string, fields: object = {}, ended = true): Promise<void> => {
    const record = new ResponseRecord(recordInit(id, { ...fields }))
    record.add(FAKE_START, 8)
    record.add({ kind: 'text', text }, 8)
    if (ended) record.add({ kind: 'end', finishReason: 'stop' }, 8)
    await at.node.responses.keep('ann', record.id, { at: 1, text: record.toText() })
  }
  const chain = async (length: number, fields: object = {}): Promise<string> => {
    for (let n = 0; n < length; n += 1) {
      await keep(`q${n}`, `said ${n}`, { ...fields, ...(n > 0 && { previous_response_id: `resp_q${n - 1}` }) })
    }
    return `resp_q${length - 1}`
  }
  const textsOf = ({ earlier, own }: WholeInput) =>
    [...earlier, ...own].map(({ content }) =>
      Array.isArray(content) ? content.map(({ text }: { text: string }) => text).join('') : content,
    )

  it('is a whole conversation, oldest first', async () => {
    const previous_response_id = await chain(2)
    const whole = await ask({ previous_response_id })
    assert.deepEqual(textsOf(whole), ['hi', 'said 0', 'hi', 'said 1', 'now'])
  })

  it('is an item by its id, in its place', async () => {
    await keep('q', 'said')
    const whole = await ask({
      input: [
        { type: 'item_reference', id: 'msg_q_0' },
        { role: 'user', content: 'and' },
      ],
    })
    assert.deepEqual([whole.earlier, textsOf(whole)], [[], ['said', 'and']])
    for (const id of ['rs_q_0', 'msg_q_1', 'msg_nobody_0', 'nonsense', 7]) {
      const wrong = ask({ input: [{ type: 'item_reference', id }] })
      await assert.rejects(wrong, { code: 'BAD_REQUEST', param: 'input[0].id' }, String(id))
    }
  })

  it('is nothing of another user, nothing that is gone, and nothing without an end', async () => {
    const previous_response_id = await chain(2)
    await assert.rejects(ask({ previous_response_id }, 'bob'), { param: 'previous_response_id' })
    await at.node.responses.remove('ann', 'resp_q0')
    await assert.rejects(ask({ previous_response_id }), /one before it is gone/)
    await keep('cut', 'half', {}, false)
    await assert.rejects(ask({ previous_response_id: 'resp_cut' }), /that response is failed/)
  })

  it('is so many responses, and no more', async () => {
    await ask({ previous_response_id: await chain(MAX_EARLIER_RESPONSES) })
    const one = await chain(MAX_EARLIER_RESPONSES + 1)
    await assert.rejects(ask({ previous_response_id: one }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('is so much text, and no more', async () => {
    const instructions = 'x'.repeat(MAX_EARLIER_LENGTH / 4)
    await ask({ previous_response_id: await chain(3, { instructions }) })
    await assert.rejects(ask({ previous_response_id: await chain(4, { instructions }) }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('is no circle, which responses make whose ids the client chose anew', async () => {
    await keep('a', 'x', { previous_response_id: 'resp_b' })
    await keep('b', 'x', { previous_response_id: 'resp_a' })
    await assert.rejects(ask({ previous_response_id: 'resp_a' }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('is put together of its events once, however often its items are named', async () => {
    await keep('q', 'said')
    let made = 0
    const { items } = ResponseRecord.prototype
    ResponseRecord.prototype.items = function (this: ResponseRecord) {
      made += 1
      return items.call(this)
    }
    try {
      const input = Array.from({ length: 500 }, () => ({ type: 'item_reference', id: 'msg_q_0' }))
      const { own } = await ask({ input })
      assert.deepEqual([own.length, made], [500, 1])
    } finally {
      ResponseRecord.prototype.items = items
    }
  })

  it('is so much text of items too, each as often as it is named', async () => {
    await keep('q', 'x'.repeat(MAX_EARLIER_LENGTH / 8))
    const references = (length: number) => Array.from({ length }, () => ({ type: 'item_reference', id: 'msg_q_0' }))
    await ask({ input: references(8) })
    await assert.rejects(ask({ input: references(9) }), { code: 'PROMPT_TOO_LARGE' })
  })

  it('measures what it reads without writing it again', async () => {
    const previous_response_id = await chain(3)
    let written = 0
    const { toText } = ResponseRecord.prototype
    ResponseRecord.prototype.toText = function (this: ResponseRecord): string {
      written += 1
      return toText.call(this)
    }
    try {
      await ask({ previous_response_id })
    } finally {
      ResponseRecord.prototype.toText = toText
    }
    assert.equal(written, 0)
  })
})
