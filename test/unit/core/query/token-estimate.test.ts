import assert from 'node:assert/strict'
import { estimatedTokens, TOKENS_PER_IMAGE } from '../../../../core/query/token-estimate.ts'

describe('the estimate of tokens', () => {
  const said = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

  it('is about a quarter of the bytes, and grows with everything that a model reads', () => {
    assert.equal(estimatedTokens({ text: 'x'.repeat(400) }), 100)
    assert.equal(estimatedTokens({ text: '語'.repeat(400) }), 300)
    assert.equal(estimatedTokens({ ids: [1, 2, 3] }), 3)
    const plain = estimatedTokens({ chat: said('hello') })
    const tools = [{ name: 'weather', description: 'x'.repeat(400) }]
    assert.ok(estimatedTokens({ chat: { ...said('hello'), tools } }) > plain + 100)
    assert.ok(estimatedTokens({ chat: { ...said('hello'), prefill: 'x'.repeat(400) } }) >= plain + 100)
    const image = { type: 'image', mediaType: 'image/png', data: 'A'.repeat(10_000) } as const
    const seen = estimatedTokens({ chat: { messages: [{ role: 'user', content: [image] }] } })
    assert.ok(seen > TOKENS_PER_IMAGE && seen < TOKENS_PER_IMAGE + 20)
  })
})
