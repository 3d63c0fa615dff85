import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const WEATHER = { type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }
const TWO_CALLS: readonly QueryEvent[] = [
  FAKE_START,
  { kind: 'toolCall', index: 0, id: 'call_1', name: 'weather', arguments: '{"city":' },
  { kind: 'toolCall', index: 1, id: 'call_2', name: 'weather', arguments: '{"city":"Kiel"}' },
  { kind: 'toolCall', index: 0, arguments: '"Bonn"}' },
  { kind: 'end', finishReason: 'tool_calls' },
]

describe('responses of the openai package at the gateway', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  const messages = (turn: number) => {
    const body = started.node.asked[turn]?.body
    assert.ok(body !== undefined && 'messages' in body)
    return body.messages
  }

  it('come in one piece, with usage and the headers of their way', async () => {
    const { data, response } = await client.responses
      .create({ model: 'tiny', input: 'hello', instructions: 'be brief', metadata: { run: '7' } })
      .withResponse()
    assert.deepEqual([data.output_text, data.status, data.model], ['Hello world', 'completed', 'tiny:latest'])
    assert.deepEqual([data.usage?.input_tokens, data.usage?.output_tokens, data.usage?.total_tokens], [5, 2, 7])
    assert.deepEqual([data.metadata, data.id], [{ run: '7' }, 'resp_q-1'])
    assert.equal(response.headers.get('x-realmesh-node'), 'peer-that-serves')
    assert.deepEqual(messages(0), [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hello' },
    ])
  })

  it('come as events in OpenAI’s order', async () => {
    const types: string[] = []
    for await (const event of await client.responses.create({ model: 'tiny', input: 'hello', stream: true })) {
      assert.equal(event.sequence_number, types.length)
      types.push(event.type)
    }
    assert.deepEqual(types, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
  })

  it('are put together from their events as they come in one piece', async () => {
    started.node.script = scripted(
      FAKE_START,
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'yes' },
      { kind: 'end', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2, reasoningTokens: 1 } },
    )
    const request = { model: 'tiny', input: 'hello' }
    const streamed = await client.responses.stream(request).finalResponse()
    const whole = await client.responses.create(request)
    const types = (output: OpenAI.Responses.ResponseOutputItem[]) => output.map(({ type }) => type)
    assert.equal(streamed.output_text, 'yes')
    assert.equal(whole.output_text, 'yes')
    assert.deepEqual(types(streamed.output), ['reasoning', 'message'])
    assert.deepEqual(types(whole.output), ['reasoning', 'message'])
    const [thoughts] = streamed.output
    assert.ok(thoughts?.type === 'reasoning')
    assert.deepEqual(thoughts.content, [{ type: 'reasoning_text', text: 'hm' }])
    assert.equal(streamed.usage?.output_tokens_details.reasoning_tokens, 1)
  })

  it('call tools side by side, and take their outputs in the second turn', async () => {
    started.node.script = scripted(...TWO_CALLS)
    const stream = client.responses.stream({ model: 'tiny', input: 'weather?', tools: [WEATHER] })
    const { output } = await stream.finalResponse()
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []))
    assert.deepEqual(
      calls.map((call) => [call.call_id, call.name, call.arguments]),
      [
        ['call_1', 'weather', '{"city":"Bonn"}'],
        ['call_2', 'weather', '{"city":"Kiel"}'],
      ],
    )
    started.node.script = answering('rain')
    await client.responses.create({
      model: 'tiny',
      tools: [WEATHER],
      input: [
        { role: 'user', content: 'weather?' },
        ...calls,
        ...calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'rain' })),
      ],
    })
    const [, answer, ...results] = messages(1)
    assert.deepEqual(
      answer?.toolCalls?.map(({ id }) => id),
      ['call_1', 'call_2'],
    )
    assert.deepEqual(
      results.map(({ role, toolCallId, toolName }) => [role, toolCallId, toolName]),
      [
        ['tool', 'call_1', 'weather'],
        ['tool', 'call_2', 'weather'],
      ],
    )
  })

  it('are parsed by a schema', async () => {
    started.node.script = answering('{"city":', '"Bonn"}')
    const text = { format: zodTextFormat(z.object({ city: z.string() }), 'place') }
    const whole = await client.responses.parse({ model: 'tiny', input: 'where?', text })
    assert.deepEqual(whole.output_parsed, { city: 'Bonn' })
    const streamed = await client.responses.stream({ model: 'tiny', input: 'where?', text }).finalResponse()
    assert.deepEqual(streamed.output_parsed, { city: 'Bonn' })
    const body = started.node.asked[0]?.body
    assert.ok(body !== undefined && 'responseFormat' in body && body.responseFormat?.type === 'json_schema')
  })

  it('name what had no effect', async () => {
    const { response } = await client.responses
      .create({
        model: 'tiny',
        input: 'hello',
        tools: [WEATHER, { type: 'web_search' }],
        include: ['reasoning.encrypted_content'],
        reasoning: { effort: 'low' },
        prompt_cache_key: 'k',
        metadata: { a: 'b' },
      })
      .withResponse()
    assert.equal(
      response.headers.get('x-realmesh-ignored'),
      'reasoning.effort, prompt_cache_key, tools.web_search, include.reasoning.encrypted_content',
    )
  })

  it('say that they are not complete', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'text', text: 'a' }, { kind: 'end', finishReason: 'length' })
    const whole = await client.responses.create({ model: 'tiny', input: 'hello', max_output_tokens: 1 })
    assert.deepEqual([whole.status, whole.incomplete_details], ['incomplete', { reason: 'max_output_tokens' }])
    const streamed = await client.responses.stream({ model: 'tiny', input: 'hello' }).finalResponse()
    assert.equal(streamed.status, 'incomplete')
  })

  it('are refused in OpenAI’s shape before anything came', async () => {
    await assert.rejects(client.responses.create({ model: 'nope', input: 'hello' }), OpenAI.NotFoundError)
    const earlier = client.responses.create({ model: 'tiny', input: 'hello', previous_response_id: 'resp_1' })
    await assert.rejects(earlier, (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError)
      assert.equal(error.param, 'previous_response_id')
      assert.match(error.message, /no response of yours/)
      return true
    })
  })

  it('fail in their stream when the answer breaks', async () => {
    started.node.script = failing(new RealmeshError('ANSWER_CUT', 'the rig died'), FAKE_START, {
      kind: 'text',
      text: 'half',
    })
    const events = []
    for await (const event of await client.responses.create({ model: 'tiny', input: 'hello', stream: true })) {
      events.push(event)
    }
    const last = events.at(-1)
    assert.ok(last?.type === 'response.failed')
    assert.equal(last.response.error?.message, 'the rig died')
    assert.ok(events.some(({ type }) => type === 'error'))
  })

  it('are cancelled by a client that leaves', async () => {
    const gone = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'one' }
      await aborted(signal)
      gone.resolve()
    }
    const stream = await client.responses.create({ model: 'tiny', input: 'hello', stream: true })
    for await (const { type } of stream) if (type === 'response.output_text.delta') break
    await gone.promise
  })
})
