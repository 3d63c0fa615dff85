import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const HELLO = { model: 'tiny', max_tokens: 64, messages: [{ role: 'user' as const, content: 'hello' }] }
const WEATHER: Anthropic.Tool = {
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
}
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 9, completionTokens: 2 } }
const CALLED: readonly QueryEvent[] = [
  FAKE_START,
  { kind: 'text', text: 'I look.' },
  { kind: 'toolCall', index: 0, id: 'call_1', name: 'weather', arguments: '' },
  { kind: 'toolCall', index: 0, arguments: '{"city":' },
  { kind: 'toolCall', index: 0, arguments: '"Bonn"}' },
  { kind: 'toolCall', index: 1, id: 'call_2', name: 'weather', arguments: '{"city":"Ulm"}' },
  { kind: 'end', finishReason: 'tool_calls', usage: { promptTokens: 9, completionTokens: 2 } },
]

describe('the @anthropic-ai/sdk package at the gateway', () => {
  let started: StartedGateway
  let client: Anthropic
  beforeEach(async () => {
    started = await startGateway()
    client = new Anthropic({ baseURL: started.gateway.url, apiKey: 'none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  it('gets a message in one piece, with usage and the id of its query', async () => {
    const usage = { promptTokens: 9, completionTokens: 2, cachedTokens: 4, reasoningTokens: 1 }
    started.node.script = scripted(FAKE_START, { kind: 'text', text: 'Hello' }, { ...END, usage })
    const message = await client.messages.create(HELLO)
    assert.equal(message._request_id, 'q-1')
    assert.deepEqual(
      [message.id, message.type, message.role, message.model],
      ['msg_q-1', 'message', 'assistant', 'tiny:latest'],
    )
    assert.deepEqual(message.content, [{ type: 'text', text: 'Hello' }])
    assert.deepEqual([message.stop_reason, message.stop_sequence], ['end_turn', null])
    const { input_tokens, cache_read_input_tokens, output_tokens, output_tokens_details } = message.usage
    assert.deepEqual([input_tokens, cache_read_input_tokens, output_tokens], [5, 4, 2])
    assert.deepEqual(output_tokens_details, { thinking_tokens: 1 })
  })

  it('reads a stream to the same message', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'reasoning', text: 'hm' }, ...CALLED.slice(1))
    const whole = await client.messages.create(HELLO)
    const texts: string[] = []
    const stream = client.messages.stream(HELLO).on('text', (text) => texts.push(text))
    const { parsed_output: _none, ...streamed } = await stream.finalMessage()
    assert.deepEqual(texts, ['I look.'])
    assert.deepEqual(JSON.parse(JSON.stringify({ ...streamed, id: whole.id })), JSON.parse(JSON.stringify(whole)))
    assert.deepEqual(
      streamed.content.map(({ type }) => type),
      ['thinking', 'text', 'tool_use', 'tool_use'],
    )
  })

  it('lets its runner of tools answer both calls, and sends the second turn with what was thought', async () => {
    const scripts = [scripted(FAKE_START, { kind: 'reasoning', text: 'hm' }, ...CALLED.slice(1)), answering('Sunny.')]
    started.node.script = (request, signal) => {
      const next = scripts.shift()
      assert.ok(next !== undefined)
      return next(request, signal)
    }
    const runner = client.beta.messages.toolRunner({
      ...HELLO,
      tools: [
        {
          ...WEATHER,
          run: async (input: unknown) => `fine in ${(input as { city: string }).city}`,
          parse: (input: unknown) => input,
        },
      ],
    })
    const last = await runner
    assert.equal(last.content[0]?.type === 'text' && last.content[0].text, 'Sunny.')
    // It hopes for a conversation that the server keeps, and sends all of it where there is none.
    const body = started.node.asked[1]?.body
    assert.ok(body !== undefined && 'messages' in body)
    assert.deepEqual(body.messages.slice(1), [
      {
        role: 'assistant',
        content: 'I look.',
        reasoning: 'hm',
        toolCalls: [
          { id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' },
          { id: 'call_2', name: 'weather', arguments: '{"city":"Ulm"}' },
        ],
      },
      { role: 'tool', toolCallId: 'call_1', toolName: 'weather', content: 'fine in Bonn' },
      { role: 'tool', toolCallId: 'call_2', toolName: 'weather', content: 'fine in Ulm' },
    ])
  })

  it('parses an answer that follows a schema', async () => {
    started.node.script = answering('{"city":', '"Bonn"}')
    const schema = {
      type: 'object' as const,
      properties: { city: { type: 'string' as const } },
      required: ['city'],
      additionalProperties: false,
    }
    const { jsonSchemaOutputFormat } = await import('@anthropic-ai/sdk/helpers/json-schema')
    const format = jsonSchemaOutputFormat(schema)
    const { parsed_output: parsed } = await client.messages.parse({ ...HELLO, output_config: { format } })
    assert.deepEqual(parsed, { city: 'Bonn' })
  })

  it('gets thoughts hidden where it wants them so, and the model has them again', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'reasoning', text: 'hm, ł' }, { kind: 'text', text: 'yes' }, END)
    const thinking = { type: 'adaptive', display: 'omitted' } as const
    const whole = await client.messages.create({ ...HELLO, thinking })
    const { content } = await client.messages.stream({ ...HELLO, thinking }).finalMessage()
    assert.deepEqual(content, whole.content)
    assert.equal(content[0]?.type === 'thinking' ? content[0].thinking : undefined, '')
    await client.messages.create({
      ...HELLO,
      messages: [...HELLO.messages, { role: 'assistant', content }, { role: 'user', content: 'and now?' }],
    })
    const body = started.node.asked.at(-1)?.body
    assert.ok(body !== undefined && 'messages' in body)
    assert.deepEqual(body.messages[1], { role: 'assistant', content: 'yes', reasoning: 'hm, ł' })
  })

  it('tells errors by its own classes', async () => {
    const codes = [
      ['REALM_OVERLOADED', Anthropic.OverloadedError, 529, 'overloaded_error', 'rate_limit_exceeded'],
      ['ENGINE_LOADING', Anthropic.OverloadedError, 529, 'overloaded_error', 'engine_loading'],
      ['CONSENT_NEEDED', Anthropic.PermissionDeniedError, 403, 'permission_error', 'consent_needed'],
      ['PROMPT_TOO_LARGE', Anthropic.ContentTooLargeError, 413, 'request_too_large', 'prompt_too_large'],
      ['TIMEOUT', Anthropic.GatewayTimeoutError, 504, 'timeout_error', 'timeout'],
      ['NO_WORKER', Anthropic.ServiceUnavailableError, 503, 'api_error', 'no_worker'],
    ] as const
    for (const [code, kind, status, type, own] of codes) {
      started.node.script = failing(new RealmeshError(code, 'so it is', { fix: 'do that', retryAfterMs: 2_500 }))
      await assert.rejects(client.messages.create(HELLO), (error: unknown) => {
        assert.ok(error instanceof kind)
        assert.deepEqual([error.status, error.type, error.errorCode], [status, type, own])
        assert.equal(error.apiMessage, 'so it is. Fix: do that')
        if (status === 529) assert.equal(error.headers?.get('retry-after'), '3')
        return true
      })
    }
    await assert.rejects(client.messages.create({ ...HELLO, model: 'nope' }), Anthropic.NotFoundError)
    await assert.rejects(client.messages.create({ ...HELLO, messages: [] }), Anthropic.BadRequestError)
  })

  it('hears of an error in mid-stream', async () => {
    const cut = new RealmeshError('ANSWER_CUT', 'the rig died')
    started.node.script = failing(cut, FAKE_START, { kind: 'text', text: 'Hel' })
    await assert.rejects(client.messages.stream(HELLO).finalMessage(), (error: unknown) => {
      assert.ok(error instanceof Anthropic.APIError)
      assert.deepEqual([error.type, error.errorCode], ['api_error', 'answer_cut'])
      return true
    })
  })

  it('asks again where there was no room, and only then', async () => {
    const patient = new Anthropic({ baseURL: started.gateway.url, apiKey: 'none', maxRetries: 2 })
    let asked = 0
    started.node.script = (request, signal) => {
      asked += 1
      const full = new RealmeshError('REALM_OVERLOADED', 'full', { retryAfterMs: 1 })
      return (asked === 1 ? failing(full) : answering('Hello'))(request, signal)
    }
    await patient.messages.create(HELLO)
    assert.equal(asked, 2)
    await assert.rejects(patient.messages.create({ ...HELLO, model: 'nope' }))
    assert.equal(asked, 2)
  })

  it('stops the work by its abort', async () => {
    const cancelled = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'Hel' }
      await aborted(signal)
      cancelled.resolve()
    }
    const stream = client.messages.stream(HELLO)
    stream.on('text', () => stream.abort())
    await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError)
    await cancelled.promise
  })

  it('counts tokens, and says where it only reckoned', async () => {
    const tools = [WEATHER]
    for (const estimated of [false, true]) {
      started.node.script = scripted(FAKE_START, { kind: 'tokens', count: 42, estimated }, END)
      const counted = await client.messages.countTokens({ model: 'tiny', messages: HELLO.messages, system: 'S', tools })
      assert.deepEqual({ ...counted }, { input_tokens: 42, ...(estimated && { estimated }) })
    }
    const { type, body } = started.node.asked[0] ?? {}
    const { input_schema: parameters } = WEATHER
    const chat = {
      messages: [{ role: 'system', content: 'S' }, ...HELLO.messages],
      tools: [{ name: 'weather', parameters }],
    }
    assert.deepEqual([type, body], ['tokens', { chat }])
    started.node.script = scripted(FAKE_START, END)
    await assert.rejects(client.messages.countTokens({ model: 'tiny', messages: HELLO.messages }), { status: 502 })
  })

  it('lists models, page by page, and asks for one', async () => {
    const names = ['a/b:1', 'c', 'd']
    const [model] = started.node.listed
    assert.ok(model !== undefined)
    started.node.listed = [
      ...names.map((name) => ({ ...model, model: { ...model.model, name, contextLength: 4096 } })),
      { ...model, model: { ...model.model, name: 'vectors', types: ['embed'] } },
    ]
    const listed: string[] = []
    for await (const { id } of client.models.list({ limit: 2 })) listed.push(id)
    assert.deepEqual(listed, names)
    const all = await client.models.list()
    assert.deepEqual([all.data.length, all.has_more], [3, false])
    const before = await client.models.list({ before_id: 'd', limit: 1 })
    assert.deepEqual([before.data.map(({ id }) => id), before.has_more], [['c'], true])
    const one = await client.models.retrieve('a/b:1')
    assert.deepEqual([one.id, one.type, one.max_input_tokens], ['a/b:1', 'model', 4096])
    assert.deepEqual(one.capabilities?.structured_outputs, { supported: true })
    await assert.rejects(client.models.retrieve('nope'), Anthropic.NotFoundError)
  })
})

describe('keys of Anthropic’s clients', () => {
  it('come as x-api-key or as a bearer', async () => {
    const { hashKey } = await import('../../../gateway/door/credentials.ts')
    const { gateway } = await startGateway({ apiKeys: [{ hash: hashKey('secret') }] })
    const options = { baseURL: gateway.url, maxRetries: 0 }
    for (const key of [{ apiKey: 'secret' }, { apiKey: null, authToken: 'secret' }]) {
      const { content } = await new Anthropic({ ...options, ...key }).messages.create(HELLO)
      assert.equal(content.length, 1)
    }
    await assert.rejects(
      new Anthropic({ ...options, apiKey: 'wrong' }).messages.create(HELLO),
      Anthropic.AuthenticationError,
    )
    await gateway.stop()
  })
})
