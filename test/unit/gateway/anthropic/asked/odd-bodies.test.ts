import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkValue } from '../../../../../core/check-value.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { messageFields } from '../../../../../gateway/anthropic/asked/message-fields.ts'
import { toMessageChat } from '../../../../../gateway/anthropic/asked/message-request.ts'
import { messageSchema } from '../../../../../gateway/anthropic/asked/message-schema.ts'
import { volume } from '../../../../support/volume.ts'

const IMAGE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
/** Something of everything. */
const BODY = {
  model: 'm',
  max_tokens: 5,
  system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
  tools: [{ name: 'a', input_schema: { type: 'object' }, strict: true }, { type: 'web_search_20250305' }],
  tool_choice: { type: 'tool', name: 'a', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' },
  output_config: { effort: 'high', format: { type: 'json_schema', schema: {} } },
  stop_sequences: ['x'],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'hi' }, IMAGE] },
    { role: 'system', content: [{ type: 'text', text: 'now' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: '', signature: 'realmesh:aG0=' },
        { type: 'tool_use', id: 'i', name: 'a', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'i', content: [IMAGE], is_error: true },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'd' }] }, title: 't' },
        { type: 'search_result', title: 't', source: 's', content: [{ type: 'text', text: 'f' }] },
      ],
    },
  ],
}

type Json = Record<string | number, unknown>

/** Every place in a value, by its path. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [path, ...inner.flatMap(([key, each]) => places(each, [...path, key]))]
}

/** A copy of the body with something else at a place. */
function withOdd(path: readonly string[], odd: unknown): unknown {
  const copy = { body: structuredClone(BODY) } as Json
  const whole = ['body', ...path]
  let at = copy
  for (const key of whole.slice(0, -1)) at = at[key] as Json
  at[whole.at(-1) ?? ''] = odd
  return copy['body']
}

const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    [],
    {},
    '',
    0,
    -1,
    1e300,
    true,
    [[]],
    [null],
    { type: {} },
    { toString: 1 },
    IMAGE,
    'realmesh:%',
  ),
  fc.json().map((text): unknown => JSON.parse(text)),
)

describe('odd bodies of messages', () => {
  it('are read or refused, never stumbled over', () => {
    const property = fc.property(fc.constantFrom(...places(BODY)), ODD, (path, odd) => {
      const sent = withOdd(path, odd)
      try {
        const body = checkValue(messageSchema, sent)
        const { chat, skipped } = toMessageChat(body, sent)
        messageFields(body, sent, skipped)
        assert.ok(chat.messages.length > 0)
      } catch (error) {
        assert.ok(error instanceof RealmeshError, String(error))
        assert.match(error.code, /^(BAD_REQUEST|PROMPT_TOO_LARGE)$/)
      }
    })
    fc.assert(property, { numRuns: volume(500, 50_000) })
  })
})
