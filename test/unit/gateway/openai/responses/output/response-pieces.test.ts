import assert from 'node:assert/strict'
import { checkValue } from '../../../../../../core/check-value.ts'
import type { ContentEvent, EndEvent } from '../../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { responseSchema } from '../../../../../../gateway/openai/responses/asked/response-schema.ts'
import { ResponsePieces } from '../../../../../../gateway/openai/responses/output/response-pieces.ts'
import { toProblem } from '../../../../../../gateway/request/errors.ts'

const END: EndEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2 } }

const piecesOf = (fields: object = {}): ResponsePieces =>
  new ResponsePieces(
    { queryId: 'q', model: 'm', created: 7 },
    { body: checkValue(responseSchema, { input: 'hi', ...fields }), wantsReceipt: false, now: () => 9 },
  )

/** The events of a stream, each under its own name and with the next number. */
function eventsIn(text: string) {
  const blocks = text.split('\n\n').filter((block) => block !== '')
  assert.equal(blocks.pop(), 'data: [DONE]')
  return blocks.map((block, number) => {
    const [name = '', data = ''] = block.split('\n')
    const event = JSON.parse(data.slice('data: '.length))
    assert.equal(name, `event: ${event.type}`)
    assert.equal(event.sequence_number, number)
    return event
  })
}

function streamed(pieces: ResponsePieces, events: readonly ContentEvent[], end: EndEvent = END) {
  return eventsIn(pieces.open() + events.map((event) => pieces.content(event)).join('') + pieces.end(end))
}

const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type.replace('response.', ''))

describe('ResponsePieces', () => {
  it('name every step of a message, under numbers without a gap', () => {
    const events = streamed(piecesOf(), [
      { kind: 'text', text: 'a"' },
      { kind: 'text', text: 'b' },
    ])
    assert.deepEqual(typesOf(events), [
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ])
    assert.deepEqual(events[4], {
      type: 'response.output_text.delta',
      item_id: 'msg_q_0',
      output_index: 0,
      content_index: 0,
      delta: 'a"',
      logprobs: [],
      sequence_number: 4,
    })
    assert.deepEqual([events[3].part.text, events[2].item.content, events[6].text], ['', [], 'a"b'])
    const { id, status, completed_at, output, usage } = events[9].response
    assert.deepEqual([id, status, completed_at, output[0].content[0].text], ['resp_q', 'completed', 9, 'a"b'])
    assert.deepEqual([usage.input_tokens, usage.output_tokens, usage.total_tokens], [1, 2, 3])
  })

  it('show thoughts as they are, or as the summary where one was asked for', () => {
    const thoughts: readonly ContentEvent[] = [{ kind: 'reasoning', text: 'hm' }]
    assert.deepEqual(typesOf(streamed(piecesOf(), thoughts)).slice(2, -1), [
      'output_item.added',
      'content_part.added',
      'reasoning_text.delta',
      'reasoning_text.done',
      'content_part.done',
      'output_item.done',
    ])
    const summary = streamed(piecesOf({ reasoning: { summary: 'auto' } }), thoughts)
    assert.deepEqual(typesOf(summary).slice(2, -1), [
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
    ])
    assert.deepEqual([summary[4].summary_index, summary[4].delta], [0, 'hm'])
  })

  it('stream the arguments of calls and tell them whole', () => {
    const events = streamed(piecesOf(), [
      { kind: 'toolCall', index: 0, id: 'c', name: 'f', arguments: '' },
      { kind: 'toolCall', index: 0, arguments: '{}' },
    ])
    assert.deepEqual(typesOf(events).slice(2, -1), [
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
    ])
    assert.deepEqual([events[2].item.arguments, events[4].arguments, events[4].name], ['', '{}', 'f'])
  })

  it('say why an answer is not complete', () => {
    const last = streamed(piecesOf(), [{ kind: 'text', text: 'a' }], { kind: 'end', finishReason: 'length' }).at(-1)
    assert.equal(last.type, 'response.incomplete')
    assert.deepEqual(last.response.incomplete_details, { reason: 'max_output_tokens' })
    assert.equal(last.response.output[0].status, 'incomplete')
  })

  it('end a broken answer with the error and what there is of it', () => {
    const pieces = piecesOf()
    const text = pieces.open() + pieces.content({ kind: 'text', text: 'half' })
    const events = eventsIn(
      text + pieces.failed(toProblem(new RealmeshError('ANSWER_CUT', 'cut', { fix: 'ask again' }))),
    )
    assert.deepEqual(typesOf(events).slice(-5), [
      'error',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'failed',
    ])
    const { status, error, output, usage } = events.at(-1).response
    assert.deepEqual([status, error, usage], ['failed', { code: 'answer_cut', message: 'cut. Fix: ask again' }, null])
    assert.equal(output[0].content[0].text, 'half')
  })

  it('leave out what the client has, and count on', () => {
    const start = { queryId: 'q', model: 'm', created: 7 }
    const body = checkValue(responseSchema, { input: 'hi' })
    const text = (after?: number): string => {
      const pieces = new ResponsePieces(start, { body, wantsReceipt: false, now: () => 9, after })
      return pieces.open() + pieces.content({ kind: 'text', text: 'a' }) + pieces.end(END)
    }
    const whole = text()
    for (const after of [0, 3, 4, 7]) {
      const rest = text(after).replace(/^: .*\n\n/, '')
      assert.ok(whole.endsWith(rest) && rest !== whole)
      assert.equal(JSON.parse(/data: (.*)/.exec(rest)?.[1] ?? '').sequence_number, after + 1)
    }
  })

  it('repeat what was asked', () => {
    const [created] = streamed(piecesOf({ instructions: 'be brief', metadata: { a: 'b' }, max_output_tokens: 3 }), [])
    const { instructions, metadata, max_output_tokens, store, text } = created.response
    assert.deepEqual([instructions, metadata, max_output_tokens], ['be brief', { a: 'b' }, 3])
    assert.deepEqual([store, text], [true, { format: { type: 'text' } }])
  })
})
