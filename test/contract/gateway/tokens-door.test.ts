/** `/tokenize` and `/detokenize`, asked in llama-server's words and in vLLM's. */
import assert from 'node:assert/strict'
import { FAKE_START, listedModel, scripted } from '../../support/fake-node.ts'
import { simulatedScript } from '../../support/simulated-engine.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const END = { kind: 'end', finishReason: 'stop' } as const
const messages = [{ role: 'user', content: 'hello there' }]

describe('the tokens door', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
    started.node.script = simulatedScript
  })
  afterEach(() => started.gateway.stop())

  const post = (path: string, body: unknown): Promise<Received> => send(started.port, { path, body })
  const ask = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const { status, text } = await post(path, body)
    assert.equal(status, 200, text)
    const { realmesh: _, ...told } = JSON.parse(text) as Record<string, unknown>
    return told
  }
  const asked = () => started.node.asked.at(-1)?.body

  it('answers llama-server’s clients: ids, or ids with what they say', async () => {
    const { model } = FAKE_START
    assert.deepEqual(await ask('/tokenize', { content: 'one two', add_special: true }), { tokens: [3, 4], model })
    assert.deepEqual(asked(), { text: 'one two', detail: 'ids', special: true })
    const told = await ask('/tokenize', { content: 'one two', with_pieces: true, model: 'tiny' })
    const tokens = [
      { id: 3, piece: 'one' },
      { id: 4, piece: ' two' },
    ]
    assert.deepEqual(told, { tokens, model })
    const pieces = [Uint8Array.of(0xf0, 0x9f), Uint8Array.of(0x41)]
    started.node.script = scripted(FAKE_START, { kind: 'tokens', count: 2, ids: [1, 2], pieces }, END)
    const half = await ask('/tokenize', { content: 'x', with_pieces: true })
    assert.deepEqual(half['tokens'], [
      { id: 1, piece: [0xf0, 0x9f] },
      { id: 2, piece: 'A' },
    ])
    assert.deepEqual(await ask('/detokenize', { tokens: [1, 2] }), { content: '', prompt: '', model })
  })

  it('answers vLLM’s clients: a prompt, or a conversation with its tools', async () => {
    started.node.listed = [
      { ...listedModel(FAKE_START.model), model: { ...listedModel('tiny:latest').model, contextLength: 99 } },
    ]
    const { model } = FAKE_START
    const plain = { count: 2, max_model_len: 99, tokens: [3, 4], token_strs: null, model }
    assert.deepEqual(await ask('/tokenize', { model: 'tiny', prompt: 'one two', add_special_tokens: false }), plain)
    assert.deepEqual(asked(), { text: 'one two', detail: 'ids', special: false })
    const strings = await ask('/tokenize', { model: 'tiny', prompt: 'one two', return_token_strs: true })
    assert.deepEqual(strings, { ...plain, token_strs: ['one', ' two'] })
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
    await ask('/tokenize', { model: 'tiny', messages, tools })
    const parameters = { type: 'object' }
    assert.deepEqual(asked(), { chat: { messages, tools: [{ name: 'f', parameters }] }, detail: 'ids' })
    const begun = [...messages, { role: 'assistant', content: 'Hi' }]
    await ask('/tokenize', { model: 'tiny', messages: begun, continue_final_message: true })
    assert.deepEqual(asked(), { chat: { messages, prefill: 'Hi' }, detail: 'ids' })
    assert.equal((await post('/tokenize', { messages, continue_final_message: true })).status, 400)
  })

  it('turns tokens into text again, in both words', async () => {
    const { model } = FAKE_START
    assert.deepEqual(await ask('/detokenize', { model: 'tiny', tokens: [5, 6] }), {
      content: '5 6',
      prompt: '5 6',
      model,
    })
    assert.deepEqual(asked(), { ids: [5, 6] })
  })

  it('refuses what is none, in the shape that both have', async () => {
    for (const [path, body, param] of [
      ['/tokenize', {}, 'content'],
      ['/tokenize', { prompt: ['a'] }, 'prompt'],
      ['/tokenize', { messages: [] }, 'messages'],
      ['/detokenize', { tokens: [-1] }, 'tokens[0]'],
      ['/detokenize', {}, 'tokens'],
    ] as const) {
      const { status, text } = await post(path, body)
      assert.equal(status, 400, text)
      const { error } = JSON.parse(text) as { error: { param: string; message: string; type: string } }
      assert.deepEqual([error.param, error.type], [param, 'invalid_request_error'])
    }
  })

  it('is no answer where the engine only counts, or tells no pieces', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'tokens', count: 2, estimated: true }, END)
    const { status, text } = await post('/tokenize', { content: 'one two' })
    assert.deepEqual([status, JSON.parse(text).error.code], [400, 'capability_missing'])
    started.node.script = scripted(FAKE_START, { kind: 'tokens', count: 1, ids: [7] }, END)
    assert.equal((await post('/tokenize', { content: 'one', with_pieces: true })).status, 400)
    assert.equal((await ask('/tokenize', { prompt: 'one', return_token_strs: true }))['token_strs'], null)
  })
})
