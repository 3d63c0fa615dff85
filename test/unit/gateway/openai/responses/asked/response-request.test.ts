import assert from 'node:assert/strict'
import { checkValue } from '../../../../../../core/check-value.ts'
import { toResponseChat } from '../../../../../../gateway/openai/responses/asked/response-request.ts'
import { MAX_METADATA_PAIRS, responseSchema } from '../../../../../../gateway/openai/responses/asked/response-schema.ts'

const asked = (fields: object) => {
  const body = { model: 'm', input: 'hi', ...fields }
  const own = [{ role: 'user', content: body.input }]
  return toResponseChat(checkValue(responseSchema, body), { own, earlier: [] }, body)
}
const TOOL = { type: 'function', name: 'weather', description: 'd', parameters: { type: 'object' }, strict: true }

describe('the request of a response', () => {
  it('has its instructions before the conversation', () => {
    assert.deepEqual(asked({ instructions: 'be brief' }).chat.messages, [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
    ])
  })

  it('means sampling, effort, verbosity and parallel calls as a chat does', () => {
    const { chat } = asked({
      max_output_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      reasoning: { effort: 'xhigh' },
      text: { verbosity: 'low' },
      tools: [TOOL],
      parallel_tool_calls: false,
    })
    assert.deepEqual(chat.sampling, { maxTokens: 7, temperature: 0.5, topP: 0.9 })
    assert.deepEqual([chat.think, chat.settings, chat.parallelToolCalls], ['high', { verbosity: 'low' }, false])
  })

  it('has functions for tools and names the others', () => {
    const { chat, skipped } = asked({ tools: [TOOL, { type: 'web_search' }, { type: 'local_shell' }] })
    assert.deepEqual(chat.tools, [{ name: 'weather', description: 'd', parameters: { type: 'object' }, strict: true }])
    assert.deepEqual(skipped, ['tools.web_search', 'tools.local_shell'])
  })

  it('chooses a tool by mode, by name, or among those that are allowed', () => {
    const tools = [TOOL, { ...TOOL, name: 'clock' }]
    assert.equal(asked({ tools, tool_choice: 'required' }).chat.toolChoice, 'required')
    assert.deepEqual(asked({ tools, tool_choice: { type: 'function', name: 'clock' } }).chat.toolChoice, {
      name: 'clock',
    })
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'clock' }] }
    const { chat } = asked({ tools, tool_choice: allowed })
    assert.deepEqual([chat.toolChoice, chat.tools?.map(({ name }) => name)], ['required', ['clock']])
    assert.throws(() => asked({ tools, tool_choice: { type: 'function', name: 'other' } }), { param: 'tool_choice' })
    assert.throws(() => asked({ tools: [{ type: 'web_search' }], tool_choice: 'required' }), { param: 'tool_choice' })
  })

  it('has the shapes of text', () => {
    const format = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }
    assert.deepEqual(asked({ text: { format } }).chat.responseFormat, format)
    assert.deepEqual(asked({ text: { format: { type: 'json_object' } } }).chat.responseFormat, { type: 'json' })
    assert.deepEqual(asked({ text: { format: { type: 'text' } } }).chat.responseFormat, { type: 'text' })
  })

  it('wants probabilities by either of two words, and names what else it wants included', () => {
    assert.equal(asked({ include: ['message.output_text.logprobs'] }).chat.logprobs, 0)
    assert.equal(asked({ top_logprobs: 3 }).chat.logprobs, 3)
    const { chat, skipped } = asked({ include: ['reasoning.encrypted_content'] })
    assert.deepEqual([chat.logprobs, skipped], [undefined, ['include.reasoning.encrypted_content']])
  })

  for (const field of ['conversation', 'prompt', 'context_management']) {
    it(`is refused with ${field}, which is not there`, () => {
      assert.throws(() => asked({ [field]: 'x' }), { param: field })
      assert.doesNotThrow(() => asked({ [field]: null }))
    })
  }

  it('is refused with metadata beyond its bounds', () => {
    const pairs = Object.fromEntries(Array.from({ length: MAX_METADATA_PAIRS + 1 }, (_, n) => [`k${n}`, 'v']))
    assert.throws(() => asked({ metadata: pairs }), { param: 'metadata' })
    assert.throws(() => asked({ metadata: { k: 'v'.repeat(513) } }), { param: 'metadata.k' })
  })

  it('is refused with tools whose type is no text', () => {
    assert.throws(() => asked({ tools: [{ type: { toString: 1 } }] }), { param: 'tools[0].type' })
  })
})
