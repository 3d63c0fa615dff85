import assert from 'node:assert/strict'
import { checkCapabilities } from '../../../../engines/adapter/capability-check.ts'
import { chatQuery } from '../../../support/query.ts'

describe('checkCapabilities', () => {
  const model = {
    name: 'tiny',
    types: ['chat' as const],
    capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: false },
    contextLength: 100,
  }

  it('lets through what a model can do', () => {
    checkCapabilities(
      model,
      chatQuery({ body: { messages: [], think: false, toolChoice: 'none', tools: [{ name: 'x' }] } }),
    )
    checkCapabilities(undefined, chatQuery({ body: { messages: [], prefill: 'x' } }))
  })

  it('refuses a prompt that cannot fit, and leaves the close cases to the engine', () => {
    const ask = (length: number) => chatQuery({ body: { messages: [{ role: 'user', content: 'x'.repeat(length) }] } })
    checkCapabilities(model, ask(1_000))
    assert.throws(() => checkCapabilities(model, ask(1_001)), { code: 'CONTEXT_TOO_LONG' })
  })
})
