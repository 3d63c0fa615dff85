/** A chat query with everything in it that an adapter may have to translate. */
import type { ChatBody, ChatQuery } from '../../core/query/query.ts'
import { chatQuery } from './query.ts'

const FULL: ChatBody = {
  messages: [
    { role: 'system', content: 'be brief' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'weather?' },
        { type: 'image', mediaType: 'image/png', data: 'QUJD' },
      ],
    },
    { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'weather', arguments: '{"place":"Łódź"}' }] },
    { role: 'tool', content: 'sunny', toolCallId: 'c1', toolName: 'weather' },
  ],
  tools: [{ name: 'weather', description: 'asks', parameters: { type: 'object' } }],
  sampling: { temperature: 0.5, topP: 0.9, topK: 40, seed: 3, stop: ['x'], maxTokens: 9 },
}

/** The full query with parts of its body exchanged. */
export function fullChat(body: Partial<ChatBody> = {}): ChatQuery {
  return chatQuery({ model: 'm', body: { ...FULL, ...body } })
}
