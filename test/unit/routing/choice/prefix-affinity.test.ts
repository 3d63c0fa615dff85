import assert from 'node:assert/strict'
import type { ChatMessage } from '../../../../core/query/query.ts'
import { PrefixAffinity, prefixKeys } from '../../../../routing/choice/prefix-affinity.ts'

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })
const system: ChatMessage = { role: 'system', content: 'be brief' }

describe('prefix affinity', () => {
  it('finds the node that served the turn before', () => {
    const affinity = new PrefixAffinity()
    affinity.remember(prefixKeys('m', [system, user('hi')]), 'a', 0)
    const next = prefixKeys('m', [system, user('hi'), assistant('hello'), user('and now?')])
    assert.equal(affinity.holder(next, 1), 'a')
  })

  it('prefers the longest known prefix', () => {
    const affinity = new PrefixAffinity()
    const first = [user('1')]
    const second = [...first, assistant('2'), user('3')]
    affinity.remember(prefixKeys('m', first), 'a', 0)
    affinity.remember(prefixKeys('m', second), 'b', 0)
    assert.equal(affinity.holder(prefixKeys('m', [...second, assistant('4'), user('5')]), 1), 'b')
    assert.equal(affinity.holder(prefixKeys('m', [...first, assistant('other'), user('5')]), 1), 'a')
  })

  it('does not tie conversations together that only share their system prompt', () => {
    const affinity = new PrefixAffinity()
    affinity.remember(prefixKeys('m', [system, user('hi')]), 'a', 0)
    assert.equal(affinity.holder(prefixKeys('m', [system, user('something else')]), 1), undefined)
  })

  it('tells models, roles, borders between messages and images apart', () => {
    const image = (data: string): ChatMessage => ({
      role: 'user',
      content: [{ type: 'image', mediaType: 'image/png', data }],
    })
    const conversations: readonly (readonly [string, readonly ChatMessage[]])[] = [
      ['m', [user('ab')]],
      ['n', [user('ab')]],
      ['m', [assistant('ab')]],
      ['m', [user('a'), user('b')]],
      ['m', [image('AAAA')]],
      ['m', [image('BBBB')]],
    ]
    const keys = conversations.map(([model, messages]) => prefixKeys(model, messages)[0])
    assert.equal(new Set(keys).size, conversations.length)
    assert.deepEqual(prefixKeys('M:latest', [user('ab')]), prefixKeys('m', [user('ab')]))
  })

  it('forgets what is too long ago, and the least recently used when it is full', () => {
    const affinity = new PrefixAffinity({ maxEntries: 2, ttlMs: 100 })
    const keys = ['1', '2', '3'].map((text) => prefixKeys('m', [user(text)]))
    for (const key of keys) affinity.remember(key, 'a', 0)
    assert.deepEqual(
      keys.map((key) => affinity.holder(key, 100)),
      [undefined, 'a', 'a'],
    )
    assert.equal(affinity.holder(keys[2] ?? [], 101), undefined)
    assert.equal(affinity.size, 2)
  })

  it('looks only at the last turns of an endless conversation', () => {
    const messages = Array.from({ length: 500 }, (_, i) => user(String(i)))
    assert.equal(prefixKeys('m', messages).length, 32)
    assert.deepEqual(prefixKeys('m', []), [])
  })
})
