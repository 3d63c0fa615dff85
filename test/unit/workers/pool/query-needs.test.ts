import assert from 'node:assert/strict'
import type { ChatBody } from '../../../../core/query/query.ts'
import { misfit, needsOf } from '../../../../workers/pool/query-needs.ts'
import { fakeModel } from '../../../support/fake-engine.ts'
import { chatQuery } from '../../../support/query.ts'

const hello: ChatBody = { messages: [{ role: 'user', content: 'hello' }] }
const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const

describe('needsOf', () => {
  const ROWS: readonly [string, Partial<ChatBody>, readonly string[]][] = [
    ['plain text', {}, []],
    ['an image', { messages: [{ role: 'user', content: [image] }] }, ['vision']],
    ['tools', { tools: [{ name: 'f' }] }, ['tools']],
    ['tools that must not be called', { tools: [{ name: 'f' }], toolChoice: 'none' }, []],
    ['no tools', { tools: [] }, []],
    ['a JSON schema', { responseFormat: { type: 'json_schema', name: 'x', schema: {} } }, ['structured']],
    ['free text by name', { responseFormat: { type: 'text' } }, []],
    ['reasoning, which is a wish', { think: 'high' }, []],
    ['no reasoning', { think: false }, []],
    ['the start of an answer', { prefill: 'Once' }, ['prefill']],
    ['an empty start', { prefill: '' }, []],
  ]
  for (const [what, body, expected] of ROWS) {
    it(`${what}: ${expected.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(needsOf(chatQuery({ body: { ...hello, ...body } })).capabilities, expected)
    })
  }

  it('estimates the prompt from text and images', () => {
    const text = { type: 'text', text: 'x'.repeat(400) } as const
    const needs = needsOf(
      chatQuery({ body: { messages: [{ role: 'user', content: [text, image] }], prefill: 'xxxx' } }),
    )
    assert.equal(needs.promptTokens, 101 + 576)
  })

  it('knows no needs of an image to be drawn', () => {
    const { body: _, ...rest } = chatQuery()
    assert.deepEqual(needsOf({ ...rest, type: 'imagine', body: { prompt: 'a cat' } }).capabilities, [])
  })
})

describe('misfit', () => {
  const needs = { type: 'chat', capabilities: [], promptTokens: 0 } as const
  const model = fakeModel('m', { contextLength: 1_000 })

  it('names the missing capability', () => {
    const found = misfit(model, { ...needs, capabilities: ['tools'] })
    assert.equal(found?.code, 'CAPABILITY_MISSING')
    assert.match(found?.message ?? '', /tools/)
  })

  for (const [tokens, expected] of [
    [1_000, undefined],
    [1_300, undefined],
    [1_301, 'CONTEXT_TOO_LONG'],
  ] as const) {
    it(`about ${tokens} tokens for a context of 1000: ${expected ?? 'fits, as far as an estimate can tell'}`, () => {
      assert.equal(misfit(model, { ...needs, promptTokens: tokens })?.code, expected)
    })
  }

  it('leaves it to the engine where the context is not known', () => {
    assert.equal(misfit(fakeModel('m'), { ...needs, promptTokens: 1e9 }), undefined)
  })
})
