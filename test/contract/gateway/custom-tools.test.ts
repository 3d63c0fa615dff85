import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { FAKE_START, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const PATCH = '*** Begin Patch\n+ "naïve"\n*** End Patch'
const TOOL = { type: 'custom' as const, name: 'apply_patch', description: 'Applies a patch.' }
const GRAMMAR = { type: 'grammar' as const, syntax: 'lark' as const, definition: 'start: "x"' }

describe('custom tools of responses', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
    const json = JSON.stringify({ input: PATCH })
    started.node.script = scripted(
      FAKE_START,
      { kind: 'toolCall', index: 0, id: 'call_1', name: 'apply_patch', arguments: json.slice(0, 9) },
      { kind: 'toolCall', index: 0, arguments: json.slice(9) },
      { kind: 'end', finishReason: 'tool_calls' },
    )
  })
  afterEach(() => started.gateway.stop())

  const asked = () => {
    const { body } = started.node.asked.at(-1) ?? {}
    assert.ok(body !== undefined && 'messages' in body)
    return body
  }

  it('are functions with one text to the model, and a text again to the client', async () => {
    const { data, response } = await client.responses
      .create({ model: 'tiny', input: 'fix it', tools: [{ ...TOOL, format: GRAMMAR }], tool_choice: TOOL })
      .withResponse()
    const [call] = data.output
    assert.ok(call?.type === 'custom_tool_call')
    assert.deepEqual([call.name, call.call_id, call.input], ['apply_patch', 'call_1', PATCH])
    const { tools = [], toolChoice } = asked()
    assert.match(tools[0]?.description ?? '', /^Applies a patch\..*lark.*start: "x"/s)
    assert.deepEqual(toolChoice, { name: 'apply_patch' })
    assert.match(response.headers.get('x-realmesh-ignored') ?? '', /tools\.custom\.format/)
  })

  it('are streamed under their own names, with the input whole', async () => {
    const events = []
    for await (const event of await client.responses.create({
      model: 'tiny',
      input: 'x',
      tools: [TOOL],
      stream: true,
    })) {
      events.push(event)
    }
    assert.deepEqual(
      events.map(({ type }) => type),
      [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.custom_tool_call_input.delta',
        'response.custom_tool_call_input.done',
        'response.output_item.done',
        'response.completed',
      ],
    )
    assert.deepEqual(
      events.map(({ sequence_number }) => sequence_number),
      events.map((_, index) => index),
    )
    const done = events.find(({ type }) => type === 'response.custom_tool_call_input.done')
    assert.equal(done?.type === 'response.custom_tool_call_input.done' && done.input, PATCH)
  })

  it('are gone on with by items and by the id of the response', async () => {
    const made = await client.responses.create({ model: 'tiny', input: 'x', tools: [TOOL] })
    const answer = { type: 'custom_tool_call_output' as const, call_id: 'call_1', output: 'done' }
    await client.responses.create({ model: 'tiny', previous_response_id: made.id, input: [answer], tools: [TOOL] })
    const byId = asked().messages
    await client.responses.create({
      model: 'tiny',
      input: [{ role: 'user', content: 'x' }, ...(made.output as OpenAI.Responses.ResponseInput), answer],
      tools: [TOOL],
    })
    assert.deepEqual(asked().messages, byId)
    assert.deepEqual(
      byId.map(({ role, toolCalls, content }) => [role, toolCalls?.[0]?.arguments ?? content]),
      [
        ['user', 'x'],
        ['assistant', JSON.stringify({ input: PATCH })],
        ['tool', 'done'],
      ],
    )
  })

  it('are among those that may be allowed, and unknown kinds are left out and named', async () => {
    const tools = [
      TOOL,
      { type: 'function' as const, name: 'f', parameters: {}, strict: false },
      { type: 'local_shell' as const },
    ]
    const { response } = await client.responses
      .create({ model: 'tiny', input: 'x', tools, tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [TOOL] } })
      .withResponse()
    assert.deepEqual(
      asked().tools?.map(({ name }) => name),
      ['apply_patch'],
    )
    assert.match(response.headers.get('x-realmesh-ignored') ?? '', /tools\.local_shell/)
  })
})
