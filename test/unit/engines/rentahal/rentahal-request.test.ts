import assert from 'node:assert/strict'
import type { ChatMessage } from '../../../../core/query/query.ts'
import { rentAHalBody } from '../../../../engines/rentahal/rentahal-request.ts'
import { chatQuery } from '../../../support/query.ts'

const bodyOf = (...messages: readonly ChatMessage[]) => rentAHalBody(chatQuery({ model: 'm', body: { messages } }))
const picture = (data: string) => ({ type: 'image', mediaType: 'image/png', data }) as const

describe('rentAHalBody', () => {
  it('sends a lone question as it is', () => {
    assert.deepEqual(bodyOf({ role: 'user', content: 'Why?' }), {
      prompt: 'Why?',
      type: 'chat',
      model_type: 'worker_node',
      model_name: 'm',
    })
  })

  it('writes a conversation as lines with their speakers, and asks the assistant to go on', () => {
    const { prompt } = bodyOf(
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'Why' }, picture('AAAA'), { type: 'text', text: 'so?' }] },
    )
    assert.equal(prompt, 'system: Be short.\nuser: Why\nso?\nassistant:')
  })

  it('sends the last image only', () => {
    const { image } = bodyOf(
      { role: 'user', content: [picture('AAAA'), picture('BBBB')] },
      { role: 'user', content: [picture('CCCC'), { type: 'text', text: 'What is it?' }] },
    )
    assert.equal(image, 'CCCC')
  })
})
