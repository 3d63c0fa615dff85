import assert from 'node:assert/strict'
import { chatDialect } from '../../../../../gateway/rentahal/rest/shared-chat.ts'

describe('chatDialect', () => {
  const rows: readonly (readonly [body: unknown, dialect: string | undefined])[] = [
    [{ model: 'm', messages: [] }, 'ollama'],
    [{ messages: [{ role: 'user', content: 'hi' }] }, 'ollama'],
    [{ model: 'm' }, 'ollama'],
    [{ model: 'm', query_type: 'chat' }, 'ollama'],
    [{ messages: [], prompt: 'hi', query_type: 'chat' }, 'ollama'],
    [{ prompt: 'hi', query_type: 'chat' }, 'rentahal'],
    [{ model: 'm', prompt: 'hi' }, 'rentahal'],
    [{ prompt: 'hi' }, 'rentahal'],
    [{ query_type: 'chat' }, 'rentahal'],
    [{ messages: 'hi', prompt: 'hi' }, 'rentahal'],
    [{}, undefined],
    [{ messages: 'hi' }, undefined],
    [[], undefined],
    ['hi', undefined],
    [null, undefined],
    [undefined, undefined],
    [Object.create({ prompt: 'inherited' }), undefined],
  ]
  for (const [body, dialect] of rows) {
    it(`takes ${JSON.stringify(body)} for ${dialect ?? 'nobody’s'}`, () => assert.equal(chatDialect(body), dialect))
  }
})
