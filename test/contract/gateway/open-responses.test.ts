/**
 * The cases of the compliance test of Open Responses (openresponses.org, 2026-04-24) in our own words, with what its
 * schemas ask of a response and of an event.
 */
import assert from 'node:assert/strict'
import { z } from 'zod'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { FAKE_START, scripted } from '../../support/fake-node.ts'
import { type Frame, SocketClient } from '../../support/socket-client.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const text = z.string()
const nullable = text.nullable()
const whole = z.number().int()

const usage = z.object({
  input_tokens: whole,
  output_tokens: whole,
  total_tokens: whole,
  input_tokens_details: z.object({ cached_tokens: whole }),
  output_tokens_details: z.object({ reasoning_tokens: whole }),
})

const outputText = z.object({ type: z.literal('output_text'), text, annotations: z.array(z.unknown()) })

const item = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    id: text,
    status: z.enum(['in_progress', 'completed', 'incomplete']),
    role: z.literal('assistant'),
    content: z.array(outputText),
  }),
  z.object({
    type: z.literal('function_call'),
    id: text,
    status: text,
    call_id: text,
    name: text,
    arguments: text,
  }),
  z.object({ type: z.literal('compaction'), id: text, encrypted_content: text }),
])

const tool = z.object({
  type: z.literal('function'),
  name: text,
  description: nullable,
  parameters: z.record(text, z.unknown()).nullable(),
  strict: z.boolean().nullable(),
})

const response = z.object({
  id: text,
  object: z.literal('response'),
  created_at: whole,
  completed_at: whole.nullable(),
  status: text,
  incomplete_details: z.object({ reason: text }).nullable(),
  model: text,
  previous_response_id: nullable,
  instructions: nullable,
  output: z.array(item),
  error: z.object({ code: text, message: text }).nullable(),
  tools: z.array(tool),
  tool_choice: z.union([text, z.record(text, z.unknown())]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.object({ format: z.object({ type: text }) }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: whole,
  temperature: z.number(),
  reasoning: z.object({ effort: nullable, summary: nullable }).nullable(),
  usage: usage.nullable(),
  max_output_tokens: whole.nullable(),
  max_tool_calls: whole.nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: text,
  metadata: z.unknown(),
  safety_identifier: nullable,
  prompt_cache_key: nullable,
})

const place = { item_id: text, output_index: whole, sequence_number: whole }

const events: Readonly<Record<string, z.ZodType>> = {
  'response.created': z.object({ response, sequence_number: whole }),
  'response.in_progress': z.object({ response, sequence_number: whole }),
  'response.completed': z.object({ response, sequence_number: whole }),
  'response.output_item.added': z.object({ output_index: whole, item, sequence_number: whole }),
  'response.output_item.done': z.object({ output_index: whole, item, sequence_number: whole }),
  'response.content_part.added': z.object({ ...place, content_index: whole, part: outputText }),
  'response.content_part.done': z.object({ ...place, content_index: whole, part: outputText }),
  'response.output_text.delta': z.object({
    ...place,
    content_index: whole,
    delta: text,
    logprobs: z.array(z.unknown()),
  }),
  'response.output_text.done': z.object({ ...place, content_index: whole, text, logprobs: z.array(z.unknown()) }),
  'response.function_call_arguments.delta': z.object({ ...place, delta: text }),
  'response.function_call_arguments.done': z.object({ ...place, arguments: text }),
  error: z.object({ status: whole, error: z.object({ code: text, message: text }) }),
}

/** The response at the end of a stream, every event of which is as the schema says. */
function ended(frames: readonly Frame[]): z.infer<typeof response> {
  for (const frame of frames) (events[frame.type] ?? assert.fail(`no event ${frame.type}`)).parse(frame)
  const last = frames.at(-1)
  assert.equal(last?.type, 'response.completed')
  return response.parse(last.response)
}

const user = (content: unknown) => ({ type: 'message', role: 'user', content })
const WEATHER = {
  type: 'function',
  name: 'get_weather',
  description: 'Get the current weather for a location',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
}
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

describe('the compliance test of Open Responses', () => {
  let started: StartedGateway
  let client: SocketClient | undefined
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(async () => {
    client?.socket.terminate()
    await started.gateway.stop()
  })

  const post = async (path: string, body: object) => {
    const got = await send(started.port, { path, body: { model: 'tiny', ...body } })
    return { status: got.status, body: JSON.parse(got.text) }
  }
  const ask = async (body: object) => {
    const got = await post('/v1/responses', { stream: false, ...body })
    assert.equal(got.status, 200, JSON.stringify(got.body))
    return response.parse(got.body)
  }
  const stream = async (body: object): Promise<readonly Frame[]> => {
    const got = await send(started.port, { path: '/v1/responses', body: { model: 'tiny', stream: true, ...body } })
    const lines = got.text.split('\n').filter((line) => line.startsWith('data: {'))
    return lines.map((line) => JSON.parse(line.slice('data: '.length)))
  }
  const socket = async (): Promise<SocketClient> => {
    client = await new SocketClient(started.port).opened()
    return client
  }
  const says = ({ output, status }: z.infer<typeof response>): void => {
    assert.deepEqual([output.length > 0, status], [true, 'completed'])
  }

  it('basic-response, system-prompt and multi-turn', async () => {
    says(await ask({ input: [user('Say hello in exactly 3 words.')] }))
    says(await ask({ input: [{ type: 'message', role: 'system', content: 'You are a pirate.' }, user('Say hello.')] }))
    const said = { type: 'message', role: 'assistant', content: 'Hello Alice! Nice to meet you.' }
    says(await ask({ input: [user('My name is Alice.'), said, user('What is my name?')] }))
  })

  it('assistant-phase', async () => {
    const said = (phase: string, content: string) => ({ type: 'message', role: 'assistant', phase, content })
    const input = [said('commentary', 'I should answer.'), said('final_answer', 'Four.'), user('Repeat it.')]
    says(await ask({ input }))
  })

  it('streaming-response', async () => {
    says(ended(await stream({ input: [user('Count from 1 to 5.')] })))
  })

  it('tool-calling, whole and streamed', async () => {
    const call: QueryEvent = {
      kind: 'toolCall',
      index: 0,
      id: 'c',
      name: 'get_weather',
      arguments: '{"location":"SF"}',
    }
    started.node.script = scripted(FAKE_START, call, { kind: 'end', finishReason: 'tool_calls' })
    const body = { input: [user("What's the weather like in San Francisco?")], tools: [WEATHER] }
    assert.deepEqual(
      (await ask(body)).output.map(({ type }) => type),
      ['function_call'],
    )
    const frames = await stream(body)
    ended(frames)
    const types = frames.map(({ type }) => type)
    for (const type of ['response.function_call_arguments.delta', 'response.function_call_arguments.done']) {
      assert.ok(types.includes(type), type)
    }
  })

  it('image-input', async () => {
    const content = [
      { type: 'input_text', text: 'What do you see in this image?' },
      { type: 'input_image', image_url: PIXEL },
    ]
    says(await ask({ input: [user(content)] }))
  })

  it('compact-response and compact-missing-model', async () => {
    const input = [user('We agreed to launch on Tuesday.'), { type: 'message', role: 'assistant', content: 'Right.' }]
    const { status, body } = await post('/v1/responses/compact', { input, prompt_cache_key: 'key' })
    assert.equal(status, 200)
    const compacted = z
      .object({ id: text, object: z.literal('response.compaction'), output: z.array(item), created_at: whole, usage })
      .parse(body)
    assert.ok(compacted.output.some(({ type }) => type === 'compaction'))
    const missing = await post('/v1/responses/compact', { input, model: undefined })
    assert.deepEqual([missing.status, missing.body.error.param], [400, 'model'])
  })

  it('websocket-response and websocket-sequential-responses', async () => {
    const { ask: request } = await socket().then((opened) => ({ ask: (body: object) => opened.ask(body) }))
    says(ended(await request({ input: [user('Count from 1 to 3.')] })))
    says(ended(await request({ store: false, input: 'Reply with exactly: first' })))
    says(ended(await request({ store: false, input: 'Reply with exactly: second' })))
  })

  it('websocket-continuation and websocket-reconnect-store-false-recovery', async () => {
    const first = await socket()
    const { id } = ended(await first.ask({ store: false, input: 'Remember the code word: cobalt.' }))
    says(ended(await first.ask({ store: false, previous_response_id: id, input: 'What is the code word?' })))
    first.socket.terminate()
    const again = await socket()
    const [lost] = await again.ask({ store: false, previous_response_id: id, input: 'What is the code word?' })
    events['error']?.parse(lost)
    assert.equal(lost?.error?.code, 'previous_response_not_found')
    says(ended(await again.ask({ store: false, input: 'Begin anew.' })))
  })

  it('websocket-failed-continuation-evicts-cache', async () => {
    const opened = await socket()
    const { id: previous_response_id } = ended(await opened.ask({ store: false, input: 'Remember: ember.' }))
    const input = [{ type: 'function_call_output', call_id: 'call_missing', output: 'No such call exists.' }]
    assert.equal((await opened.ask({ store: false, previous_response_id, input })).at(-1)?.type, 'error')
    const [stale] = await opened.ask({ store: false, previous_response_id, input: 'Try to go on.' })
    assert.equal(stale?.error?.code, 'previous_response_not_found')
  })

  it('websocket-compact-new-chain: what was made short is understood again', async () => {
    const { body } = await post('/v1/responses/compact', { input: [user('Remember the code word: slate.')] })
    const opened = await socket()
    says(ended(await opened.ask({ store: false, input: [...body.output, user('Continue from here.')], tools: [] })))
    const asked = started.node.asked.at(-1)?.body
    assert.ok(asked !== undefined && 'messages' in asked)
    assert.match(String(asked.messages[0]?.content), /Hello world/)
  })
})
