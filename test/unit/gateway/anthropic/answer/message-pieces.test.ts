import assert from 'node:assert/strict'
import type { ContentEvent, EndEvent } from '../../../../../core/query/query-event.ts'
import { MessageAnswer } from '../../../../../gateway/anthropic/answer/message-answer.ts'
import { MessagePieces } from '../../../../../gateway/anthropic/answer/message-pieces.ts'
import { signatureOf } from '../../../../../gateway/anthropic/answer/signature.ts'

const START = { queryId: 'q', model: 'm', created: 1 }
const CALLED: EndEvent = { kind: 'end', finishReason: 'tool_calls' }

/** A piece of a call; one with a name begins it. */
function call(index: number, text: string, name?: string): ContentEvent {
  return { kind: 'toolCall', index, arguments: text, ...(name !== undefined && { id: `id-${index}`, name }) }
}

/** The events between the beginning and the end of a message, short. */
function told(events: readonly ContentEvent[], end: EndEvent = CALLED, shown = true): readonly string[] {
  const pieces = new MessagePieces(START, { shown, wantsReceipt: false })
  const text = pieces.open() + events.map((event) => pieces.content(event)).join('') + pieces.end(end)
  return text
    .trimEnd()
    .split('\n\n')
    .map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 'data: '.length)))
    .filter(({ type }) => type.startsWith('content_block'))
    .map(({ type, index, content_block: block, delta }) => {
      if (type === 'content_block_start') return `${index}: ${block.name ?? block.type}`
      if (type === 'content_block_stop') return `${index}.`
      return `${index} ${delta.text ?? delta.thinking ?? delta.partial_json ?? delta.signature}`
    })
}

describe('the pieces of a message', () => {
  it('are blocks, one behind the other', () => {
    const events: readonly ContentEvent[] = [
      { kind: 'reasoning', text: 'h' },
      { kind: 'reasoning', text: 'm' },
      { kind: 'text', text: 'yes' },
    ]
    assert.deepEqual(told(events), ['0: thinking', '0 h', '0 m', '0 realmesh', '0.', '1: text', '1 yes', '1.'])
  })

  it('tell a call as it comes, and the next one too', () => {
    assert.deepEqual(told([call(0, '', 'a'), call(0, '{"x"'), call(0, ':1}'), call(1, '{', 'b'), call(1, '}')]), [
      ...['0: a', '0 {"x"', '0 :1}', '0.'],
      ...['1: b', '1 {', '1 }', '1.'],
    ])
  })

  it('let a call wait while another is not complete, and one behind it', () => {
    const mixed = [call(0, '{', 'a'), call(1, '{"y"', 'b'), call(2, '{}', 'c'), call(1, ':2}'), call(0, '}')]
    assert.deepEqual(told(mixed), ['0: a', '0 {', '0 }', '0.', '1: b', '1 {"y":2}', '1.', '2: c', '2 {}', '2.'])
  })

  it('hold text apart from calls around it', () => {
    const events: readonly ContentEvent[] = [
      call(0, '{', 'a'),
      call(1, '{}', 'b'),
      call(0, '}'),
      { kind: 'text', text: 'so' },
      call(2, '{}', 'c'),
    ]
    assert.deepEqual(told(events), [
      ...['0: a', '0 {', '0 }', '0.', '1: b', '1 {}', '1.'],
      ...['2: text', '2 so', '2.', '3: c', '3 {}', '3.'],
    ])
  })

  it('know a call without arguments, which adapters complete at the end', () => {
    assert.deepEqual(told([call(0, '', 'a'), call(0, '{}')]), ['0: a', '0 {}', '0.'])
    assert.deepEqual(told([call(0, '', 'a'), { kind: 'text', text: '\n' }, call(0, '{}')]), [
      ...['0: a', '0.', '1: text', '1 \n', '1.'],
    ])
  })

  it('refuse a call whose arguments are no object, but for one that was cut', () => {
    for (const events of [[call(0, '{"x"', 'a')], [call(0, '[1]', 'a')], [call(0, '{}', 'a'), call(0, '{}')]]) {
      assert.throws(() => told(events), { code: 'ENGINE_GARBAGE' })
    }
    const late = [call(0, '{', 'a'), { kind: 'text', text: 'so' } as const, call(0, '}')]
    assert.throws(() => told(late), { code: 'ENGINE_GARBAGE' })
    assert.deepEqual(told([call(0, '{"x"', 'a')], { kind: 'end', finishReason: 'length' }), ['0: a', '0 {"x"', '0.'])
  })

  it('hide thoughts where they are not wanted', () => {
    const events: readonly ContentEvent[] = [
      { kind: 'reasoning', text: 'h' },
      { kind: 'reasoning', text: 'm' },
    ]
    assert.deepEqual(told(events, CALLED, false), ['0: thinking', `0 ${signatureOf('hm', false)}`, '0.'])
  })

  it('are none of an answer of nothing', () => {
    assert.deepEqual(told([]), [])
  })
})

describe('a message in one piece', () => {
  const bodyOf = (end: EndEvent, ...events: readonly ContentEvent[]): Record<string, unknown> => {
    const answer = new MessageAnswer()
    for (const event of [...events, end]) answer.add(event)
    return answer.toBody(START, true) as Record<string, unknown>
  }

  it('leaves a call out that was cut, and refuses one that is broken', () => {
    const cut = bodyOf({ kind: 'end', finishReason: 'length' }, call(0, '{}', 'a'), call(1, '{"x"', 'b'))
    assert.deepEqual(
      (cut['content'] as { name: string }[]).map(({ name }) => name),
      ['a'],
    )
    assert.equal(cut['stop_reason'], 'max_tokens')
    assert.throws(() => bodyOf(CALLED, call(0, '{"x"', 'a')), { code: 'ENGINE_GARBAGE' })
  })

  it('says of a refusal that it is one', () => {
    const {
      stop_reason: reason,
      stop_details: details,
      content,
    } = bodyOf({ kind: 'end', finishReason: 'content_filter' })
    assert.deepEqual([reason, content], ['refusal', []])
    assert.deepEqual(details, { type: 'refusal', category: null, explanation: null })
  })

  it('counts what the cache gave apart, and nothing where nobody counted', () => {
    const usage = { promptTokens: 10, completionTokens: 2, cachedTokens: 8 }
    const counted = bodyOf({ kind: 'end', finishReason: 'stop', usage })['usage'] as Record<string, unknown>
    assert.deepEqual([counted['input_tokens'], counted['cache_read_input_tokens'], counted['output_tokens']], [2, 8, 2])
    const nothing = bodyOf({ kind: 'end', finishReason: 'stop' })['usage'] as Record<string, unknown>
    assert.deepEqual([nothing['input_tokens'], nothing['output_tokens']], [0, 0])
  })
})
