import assert from 'node:assert/strict'
import { MAX_PREFILL_LENGTH } from '../../../../core/query/prompt-size.ts'
import type { ChatBody, ChatQuery } from '../../../../core/query/query.ts'
import type { QueryEvent, Usage } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { Continuation } from '../../../../node/query/continuation.ts'
import { needsOf } from '../../../../workers/pool/query-needs.ts'
import { textOf } from '../../../support/collect.ts'
import { chatQuery } from '../../../support/query.ts'

const BROKEN = new RealmeshError('PEER_LOST', 'gone')
const text = (piece: string, tokens?: number): QueryEvent => ({
  kind: 'text',
  text: piece,
  ...(tokens !== undefined && { tokens }),
})
const end = (usage: Usage): QueryEvent => ({ kind: 'end', finishReason: 'stop', usage })

function begun(events: readonly QueryEvent[], body: Partial<ChatBody> = {}): Continuation {
  const continuation = new Continuation(chatQuery({ body: { messages: [], ...body } }))
  for (const event of events) continuation.pass(event)
  return continuation
}

const rest = (continuation: Continuation): ChatQuery => continuation.rest(BROKEN, 'tiny')
const passed = (continuation: Continuation, events: readonly QueryEvent[]): readonly QueryEvent[] =>
  events.flatMap((event) => continuation.pass(event) ?? [])

describe('a text that is gone on with as it is', () => {
  it('goes on behind what was written, and needs no template for it', () => {
    const raw = { prompt: 'The sea' }
    const continued = rest(begun([text(' is'), text(' wide ')], { raw }))
    assert.deepEqual([continued.body.raw, continued.body.prefill], [raw, ' is wide'])
    assert.deepEqual(needsOf(continued).capabilities, ['raw'])
  })
})

describe('the seam of a continued answer', () => {
  const seams: readonly (readonly [string, string, readonly string[], string])[] = [
    ['nothing', 'The sea', [' is', ' wide'], 'The sea is wide'],
    ['a blank that the next worker writes with the word', 'The sea ', [' is'], 'The sea is'],
    ['a blank that it does not write', 'The sea ', ['is'], 'The sea is'],
    ['a paragraph\u2019s end', 'The sea.\n\n', ['\n\n', 'In'], 'The sea.\n\nIn'],
    ['a paragraph\u2019s end that comes in other pieces', 'The sea.\n\n', ['\n', '\nIn'], 'The sea.\n\nIn'],
    ['half a paragraph\u2019s end', 'The sea.\n', ['\n\nIn'], 'The sea.\n\nIn'],
    ['another end than was written', 'The sea.\n\n', ['\n', 'In'], 'The sea.\n\nIn'],
    ['an indent that goes on', 'if x:\n  ', ['\n  ', '  return'], 'if x:\n    return'],
  ]
  for (const [what, first, second, whole] of seams) {
    it(`has ${what} once: ${JSON.stringify(first)} and ${JSON.stringify(second)}`, () => {
      const continuation = begun([text(first)])
      assert.equal(rest(continuation).body.prefill, first.trimEnd())
      assert.equal(
        first +
          textOf(
            passed(
              continuation,
              second.map((piece) => text(piece)),
            ),
          ),
        whole,
      )
    })
  }

  it('hands over what the client itself had begun, as it is', () => {
    assert.equal(rest(begun([text('b ')], { prefill: 'a ' })).body.prefill, 'a b')
    assert.equal(rest(begun([text(' ')], { prefill: 'a ' })).body.prefill, 'a ')
  })

  it('begins anew where only space was sent, which does not come twice', () => {
    const continuation = begun([text('\n')])
    assert.equal(rest(continuation).body.prefill, undefined)
    assert.equal(textOf(passed(continuation, [text('\n'), text('Hi')])), 'Hi')
  })
})

describe('the tokens of a continued answer', () => {
  it('are those that the engines counted, whatever the length of the text', () => {
    const continuation = begun([text('Un'), text('\u{1f600}', 3), text(' extraordinarily')], {
      sampling: { maxTokens: 100 },
    })
    assert.equal(rest(continuation).body.sampling?.maxTokens, 95)
    const [last] = passed(continuation, [end({ promptTokens: 45, completionTokens: 95 })])
    assert.deepEqual(last?.kind === 'end' && last.usage, { promptTokens: 40, completionTokens: 100 })
  })

  it('do not count space twice that is written again', () => {
    const continuation = begun([text('One.'), text('\n'), text('\n')], { sampling: { maxTokens: 10 } })
    assert.equal(rest(continuation).body.sampling?.maxTokens, 9)
    const events = passed(continuation, [text('\n'), text('\n'), text('Two')])
    assert.deepEqual(events, [text('Two', 3)])
    assert.equal(rest(continuation).body.sampling?.maxTokens, 6)
  })

  it('count the thinking before them as written', () => {
    const thought: QueryEvent = { kind: 'reasoning', text: 'hm', tokens: 7 }
    const continuation = begun([thought, text('a')], { sampling: { maxTokens: 20 } })
    assert.equal(rest(continuation).body.sampling?.maxTokens, 12)
    const [last] = passed(continuation, [end({ promptTokens: 11, completionTokens: 2 })])
    assert.deepEqual(last?.kind === 'end' && last.usage, { promptTokens: 10, completionTokens: 10 })
  })

  it('hold no more from a cache than the prompt, and the thinking of all', () => {
    const thought: QueryEvent = { kind: 'reasoning', text: 'hm', tokens: 7 }
    const continuation = begun([thought, text('a'), text('b')])
    rest(continuation)
    const usage = { promptTokens: 42, completionTokens: 5, cachedTokens: 41, reasoningTokens: 1 }
    const [last] = passed(continuation, [end(usage)])
    const whole = { promptTokens: 40, completionTokens: 14, cachedTokens: 40, reasoningTokens: 8 }
    assert.deepEqual(last?.kind === 'end' && last.usage, whole)
  })

  it('are all the last worker\u2019s where it began anew', () => {
    const continuation = begun([{ kind: 'reasoning', text: 'hm' }])
    rest(continuation)
    const [last] = passed(continuation, [end({ promptTokens: 5, completionTokens: 6 })])
    assert.deepEqual(last?.kind === 'end' && last.usage, { promptTokens: 5, completionTokens: 6 })
  })
})

describe('who may go on with a broken answer', () => {
  const final = new RealmeshError('BAD_REQUEST', 'I say that nobody can', { retryable: false })

  it('is another worker, whatever the one that broke it says of the request', () => {
    assert.equal(begun([text('The sea')]).rest(final, 'tiny').body.prefill, 'The sea')
  })

  it('is nobody where the answer is longer than can be handed over, and nothing of it is kept', () => {
    const long = text('x'.repeat(MAX_PREFILL_LENGTH / 2))
    assert.equal(begun([long, long]).rest(BROKEN, 'tiny').body.prefill?.length, MAX_PREFILL_LENGTH)
    const message = new RegExp(`after ${MAX_PREFILL_LENGTH + 1} characters`)
    assert.throws(() => begun([long, long, text('x')]).rest(BROKEN, 'tiny'), { code: 'ANSWER_CUT', message })
  })

  it('holds back no white space without end', () => {
    const continuation = begun([text('The sea ')])
    rest(continuation)
    const blank = text(' '.repeat(100))
    const shown = passed(continuation, Array(100).fill(blank))
    assert.ok(shown.length > 50, String(shown.length))
    assert.equal(textOf(shown).length, 10_000 - 1)
  })

  it('is nobody where the rest is refused for good, and the cause is what broke the answer', () => {
    const continuation = begun([text('The sea')])
    rest(continuation)
    assert.throws(() => continuation.rest(final, 'tiny'), { code: 'ANSWER_CUT', message: /: gone$/, cause: BROKEN })
  })
})
