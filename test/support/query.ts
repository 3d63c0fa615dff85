import type { ChatQuery } from '../../core/query/query.ts'

/** A chat query with everything filled in; tests override what they are about. */
export function chatQuery(overrides: Partial<ChatQuery> = {}): ChatQuery {
  return {
    id: 'q-1',
    type: 'chat',
    realm: '$CHAT',
    model: 'tiny',
    scope: 'home',
    hopsLeft: 1,
    user: 'alice',
    body: { messages: [{ role: 'user', content: 'hello' }] },
    ...overrides,
  }
}
