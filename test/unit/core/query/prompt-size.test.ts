import assert from 'node:assert/strict'
import fc from 'fast-check'
import { textsOf } from '../../../../core/query/chat-text.ts'
import { assertTextFits, JSON_BYTES_PER_BYTE, MAX_PROMPT_BYTES } from '../../../../core/query/prompt-size.ts'
import type { ChatBody } from '../../../../core/query/query.ts'

/** How much of the bound is used up by nothing but the texts' being there. */
function around(texts: number): number {
  return texts * 16
}

describe('the size of a prompt', () => {
  it('is that of its texts in bytes, and a little for each', () => {
    assertTextFits(['x'.repeat(MAX_PROMPT_BYTES - around(1))])
    assertTextFits(['€'.repeat(Math.floor((MAX_PROMPT_BYTES - around(1)) / 3))])
    for (const texts of [
      ['x'.repeat(MAX_PROMPT_BYTES - around(1) + 1)],
      ['€'.repeat(Math.ceil(MAX_PROMPT_BYTES / 3))],
      Array.from({ length: MAX_PROMPT_BYTES / around(1) + 1 }, () => ''),
    ]) {
      assert.throws(() => assertTextFits(texts), { code: 'PROMPT_TOO_LARGE', retryable: false })
    }
  })

  it('bounds the JSON of a conversation, whatever is in it', () => {
    const nasty = fc.string({ unit: fc.constantFrom('\u0001', '"', '\\', '\ud800', '€', '😀', 'x'), maxLength: 60 })
    const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(arbitrary, { nil: undefined })
    const part = fc.oneof(
      nasty.map((text) => ({ type: 'text' as const, text })),
      fc.constant({ type: 'image' as const, mediaType: 'image/svg+xml', data: '' }),
    )
    const message = fc.record({
      role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
      content: fc.oneof(nasty, fc.array(part, { maxLength: 5 })),
      reasoning: maybe(nasty),
      toolCallId: maybe(nasty),
      toolName: maybe(nasty),
      toolCalls: maybe(fc.array(fc.record({ id: nasty, name: nasty, arguments: nasty }), { maxLength: 3 })),
    })
    const body = fc.record({
      messages: fc.array(message, { minLength: 1, maxLength: 8 }),
      tools: maybe(fc.array(fc.record({ name: nasty, parameters: fc.jsonValue() }), { maxLength: 3 })),
      responseFormat: maybe(fc.record({ type: fc.constant('json_schema'), name: nasty, schema: fc.jsonValue() })),
    })
    fc.assert(
      fc.property(body, (value) => {
        const chat = value as ChatBody
        const texts = textsOf(chat)
        const counted = texts.reduce((sum, text) => sum + Buffer.byteLength(text), around(texts.length))
        const fixed = '{"messages":[],"tools":[],"responseFormat":}'.length
        const written = Buffer.byteLength(JSON.stringify(chat))
        assert.ok(written <= JSON_BYTES_PER_BYTE * counted + fixed, `${written} bytes of JSON for ${counted}`)
      }),
      { numRuns: 500 },
    )
  })
})
