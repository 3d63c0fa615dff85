import assert from 'node:assert/strict'
import { compactedItem, summaryOf } from '../../../../../../gateway/openai/responses/asked/compaction.ts'

describe('a conversation made short', () => {
  it('is the summary again, whatever is in it', () => {
    const item = { ...compactedItem('cmp_1', 'naïve 🚀\n"end"') }
    assert.doesNotMatch(JSON.stringify(item), /naïve/)
    assert.equal(summaryOf(item, 'input[0]'), 'naïve 🚀\n"end"')
  })

  it('of another server is refused by its place', () => {
    for (const encrypted_content of ['gAAAAABk', 7, undefined]) {
      assert.throws(() => summaryOf({ encrypted_content }, 'input[0]'), { code: 'BAD_REQUEST', message: /^input\[0\]/ })
    }
  })
})
