import assert from 'node:assert/strict'
import OpenAI from 'openai'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { aborted } from '../../support/aborted.ts'
import { FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const MESSAGES = [{ role: 'user' as const, content: 'hello' }]
const TOOLS = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }]
const TOOL_CALL: readonly QueryEvent[] = [
  FAKE_START,
  { kind: 'toolCall', index: 0, id: 'call_1', name: 'weather', arguments: '' },
  { kind: 'toolCall', index: 0, arguments: '{"city":' },
  { kind: 'toolCall', index: 0, arguments: '"Bonn"}' },
  { kind: 'end', finishReason: 'tool_calls' },
]

describe('the openai package at the gateway', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  it('gets an answer in one piece, with usage and the headers of its way', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'tiny', messages: MESSAGES })
      .withResponse()
    assert.equal(data.choices[0]?.message.content, 'Hello world')
    assert.equal(data.choices[0]?.finish_reason, 'stop')
    assert.equal(data.model, 'tiny:latest')
    assert.deepEqual(data.usage, { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 })
    assert.equal(response.headers.get('x-realmesh-node'), 'peer-that-serves')
    assert.equal(response.headers.get('x-realmesh-query'), 'q-1')
  })

  it('gets an answer token by token, in OpenAI’s order of chunks', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'tiny', messages: MESSAGES, stream: true, stream_options: { include_usage: true } })
      .withResponse()
    const chunks = []
    for await (const chunk of data) chunks.push(chunk)
    assert.deepEqual(
      chunks.map(({ choices }) => choices[0]?.delta),
      [{ role: 'assistant', content: '', refusal: null }, { content: 'Hello' }, { content: ' world' }, {}, undefined],
    )
    assert.equal(chunks[3]?.choices[0]?.finish_reason, 'stop')
    assert.equal(chunks[4]?.usage?.total_tokens, 7)
    assert.equal(response.headers.get('x-realmesh-node'), 'peer-that-serves')
  })

  it('gets no usage chunk that it did not ask for', async () => {
    const chunks = []
    for await (const chunk of await client.chat.completions.create({
      model: 'tiny',
      messages: MESSAGES,
      stream: true,
    })) {
      chunks.push(chunk)
    }
    assert.equal(chunks.length, 4)
    assert.ok(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1))
  })

  it('gets the first token while the second is not there yet', async () => {
    const release = Promise.withResolvers<void>()
    started.node.script = async function* () {
      yield FAKE_START
      yield { kind: 'text', text: 'one' }
      await release.promise
      yield { kind: 'text', text: 'two' }
      yield { kind: 'end', finishReason: 'length' }
    }
    const stream = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true })
    const texts: string[] = []
    for await (const chunk of stream) {
      texts.push(chunk.choices[0]?.delta.content ?? '')
      if (texts.at(-1) === 'one') release.resolve()
    }
    assert.equal(texts.join(''), 'onetwo')
  })

  it('gets reasoning apart from the answer', async () => {
    started.node.script = scripted(
      FAKE_START,
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'yes' },
      { kind: 'end', finishReason: 'stop' },
    )
    const whole = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES })
    assert.deepEqual(whole.choices[0]?.message, {
      role: 'assistant',
      content: 'yes',
      refusal: null,
      reasoning_content: 'hm',
    })
  })

  it('gets a tool call in one piece', async () => {
    started.node.script = scripted(...TOOL_CALL)
    const { choices } = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES, tools: TOOLS })
    assert.equal(choices[0]?.finish_reason, 'tool_calls')
    assert.equal(choices[0]?.message.content, null)
    assert.deepEqual(choices[0]?.message.tool_calls, [
      { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } },
    ])
  })

  it('puts the pieces of a streamed tool call together, and sends the second turn', async () => {
    started.node.script = scripted(...TOOL_CALL)
    const stream = client.chat.completions.stream({ model: 'tiny', messages: MESSAGES, tools: TOOLS })
    const { message } = (await stream.finalChatCompletion()).choices[0] ?? {}
    assert.ok(message)
    const call = message.tool_calls?.[0]
    assert.equal(call?.type === 'function' ? call.function.arguments : undefined, '{"city":"Bonn"}')
    await client.chat.completions.create({
      model: 'tiny',
      messages: [...MESSAGES, message, { role: 'tool', tool_call_id: 'call_1', content: 'rain' }],
    })
    const body = started.node.asked[1]?.body
    assert.ok(body !== undefined && 'messages' in body)
    assert.deepEqual(body.messages[1]?.toolCalls, [{ id: 'call_1', name: 'weather', arguments: '{"city":"Bonn"}' }])
  })

  it('gets its error for an unknown model', async () => {
    await assert.rejects(client.chat.completions.create({ model: 'nope', messages: MESSAGES }), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError)
      assert.equal(error.code, 'model_not_found')
      return true
    })
  })

  it('gets an overload as a rate limit that says when to come back', async () => {
    started.node.script = failing(new RealmeshError('REALM_OVERLOADED', 'full', { retryAfterMs: 7000 }))
    for (const stream of [false, true]) {
      await assert.rejects(client.chat.completions.create({ model: 'tiny', messages: MESSAGES, stream }), (error) => {
        assert.ok(error instanceof OpenAI.RateLimitError)
        assert.equal(error.headers.get('retry-after'), '7')
        return true
      })
    }
  })

  it('does not repeat a request that no node can ever serve', async () => {
    const patient = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'x', maxRetries: 2 })
    started.node.script = failing(new RealmeshError('NO_WORKER', 'no GPU anywhere', { retryable: false }))
    await assert.rejects(patient.chat.completions.create({ model: 'tiny', messages: MESSAGES }))
    assert.equal(started.node.asked.length, 1)
  })

  it('sees an answer break, with the code and without a normal finish', async () => {
    const cut = new RealmeshError('ANSWER_CUT', 'the rig died after 1 token')
    started.node.script = failing(cut, FAKE_START, { kind: 'text', text: 'Hel' })
    const stream = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true })
    const finishes: unknown[] = []
    await assert.rejects(
      async () => {
        for await (const chunk of stream) finishes.push(chunk.choices[0]?.finish_reason)
      },
      { code: 'answer_cut' },
    )
    assert.deepEqual(finishes, [null, null])
  })

  it('stops the worker when it aborts', async () => {
    const cancelled = new Promise<void>((resolve) => {
      started.node.script = async function* (_request, signal) {
        yield FAKE_START
        yield { kind: 'text', text: 'Hel' }
        await aborted(signal)
        resolve()
      }
    })
    const stream = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'Hel') break
    await cancelled
  })

  it('finds the receipt in the last chunk and in the body when it asks', async () => {
    const receipt = { id: 'q', overheadUs: 12.4 } as RouteReceipt
    started.node.script = scripted(
      FAKE_START,
      { kind: 'text', text: 'x' },
      { kind: 'end', finishReason: 'stop', receipt },
    )
    const options = { headers: { 'x-realmesh-receipt': '1' } }
    const { data, response } = await client.chat.completions
      .create({ model: 'tiny', messages: MESSAGES }, options)
      .withResponse()
    assert.deepEqual(data, { ...data, realmesh: { receipt } })
    assert.equal(response.headers.get('x-realmesh-overhead-us'), '12')
    const stream = await client.chat.completions.create({ model: 'tiny', messages: MESSAGES, stream: true }, options)
    let last: object = {}
    for await (const chunk of stream) last = chunk
    assert.deepEqual(last, { ...last, realmesh: { receipt } })
  })

  it('lists models and finds one whose name has slashes and a tag', async () => {
    const name = 'hf.co/some/model:q4_k_m'
    const known = started.node.listed[0]
    assert.ok(known)
    started.node.listed = [known, { ...known, model: { ...known.model, name } }]
    const ids = []
    for await (const model of client.models.list()) ids.push(model.id)
    assert.deepEqual(ids, ['tiny:latest', name])
    assert.equal((await client.models.retrieve(name)).id, name)
    assert.equal((await client.models.retrieve('tiny')).id, 'tiny:latest')
    await assert.rejects(client.models.retrieve('hf.co/none'), { status: 404, code: 'model_not_found' })
  })

  it('may leave the model open', async () => {
    await client.chat.completions.create({ model: 'auto', messages: MESSAGES })
    assert.equal(started.node.asked[0]?.model, 'auto')
  })

  it('shows in its message what to do about a refusal', async () => {
    const refused = new RealmeshError('CONSENT_NEEDED', 'public queries leave your home', { fix: 'realmesh consent' })
    started.node.script = failing(refused)
    await assert.rejects(client.chat.completions.create({ model: 'tiny', messages: MESSAGES }), /realmesh consent/)
  })

  const vectors = scripted(
    FAKE_START,
    { kind: 'embedding', index: 1, vector: new Float32Array([3, 4]) },
    { kind: 'embedding', index: 0, vector: new Float32Array([1, 0.5]) },
    { kind: 'end', finishReason: 'stop', usage: { promptTokens: 6, completionTokens: 0 } },
  )
  for (const encoding of [undefined, 'base64', 'float'] as const) {
    it(`gets embeddings in the order of its inputs, encoded as ${encoding ?? 'it pleases'}`, async () => {
      started.node.script = vectors
      const format = encoding === undefined ? {} : { encoding_format: encoding }
      const { data, usage } = await client.embeddings.create({ model: 'tiny', input: ['a', 'b'], ...format })
      const [first, second] = data.map(({ embedding }) => decoded(embedding))
      assert.deepEqual(
        [first, second],
        [
          [1, 0.5],
          [3, 4],
        ],
      )
      assert.deepEqual(usage, { prompt_tokens: 6, total_tokens: 6 })
    })
  }

  it('gets an error instead of fewer vectors than inputs', async () => {
    started.node.script = vectors
    await assert.rejects(client.embeddings.create({ model: 'tiny', input: ['a', 'b', 'c'] }), {
      code: 'engine_garbage',
    })
  })

  it('gets pictures as base64, and as data: URLs when it wants URLs', async () => {
    const picture = (index: number): QueryEvent => ({
      kind: 'image',
      index,
      mediaType: 'image/png',
      data: Buffer.from([index]),
    })
    started.node.script = scripted(FAKE_START, picture(1), picture(0), { kind: 'end', finishReason: 'stop' })
    const wanted = { model: 'tiny', prompt: 'a cat', n: 2, size: '512x768' as '1024x1024' }
    const { data } = await client.images.generate({ ...wanted, response_format: 'b64_json' })
    assert.deepEqual(data, [{ b64_json: 'AA==' }, { b64_json: 'AQ==' }])
    assert.deepEqual(started.node.asked[0]?.body, { prompt: 'a cat', width: 512, height: 768, count: 2 })
    const urls = await client.images.generate({ ...wanted, response_format: 'url' })
    assert.equal(urls.data?.[0]?.url, 'data:image/png;base64,AA==')
  })

  it('is given no vectors of another length than it asked for, and told what to send instead of tokens', async () => {
    const vector: QueryEvent = { kind: 'embedding', index: 0, vector: Float32Array.of(1, 2, 3) }
    started.node.script = scripted(FAKE_START, vector, { kind: 'end', finishReason: 'stop' })
    const asked = { model: 'tiny', input: 'a' }
    assert.equal((await client.embeddings.create({ ...asked, dimensions: 3 })).data[0]?.embedding.length, 3)
    const refused = client.embeddings.create({ ...asked, dimensions: 2 })
    await assert.rejects(refused, { status: 400, code: 'capability_missing', message: /3 numbers, not of 2/ })
    const tokens = client.embeddings.create({ ...asked, input: [[15339, 1917]] })
    await assert.rejects(tokens, { status: 400, param: 'input', message: /check_embedding_ctx_length=False/ })
  })

  it('gets several answers, each with its own seed, whole and streamed', async () => {
    const asked = { model: 'tiny', messages: MESSAGES, n: 3, seed: 7 }
    const whole = await client.chat.completions.create(asked)
    assert.deepEqual(
      whole.choices.map(({ index, message, finish_reason }) => [index, message.content, finish_reason]),
      [0, 1, 2].map((index) => [index, 'Hello world', 'stop']),
    )
    assert.deepEqual([whole.usage?.prompt_tokens, whole.usage?.completion_tokens], [5, 6])
    const seeds = started.node.asked.map(({ body }) => ('sampling' in body ? body.sampling?.seed : undefined))
    assert.deepEqual(seeds, [7, 8, 9])
    const texts = ['', '', '']
    const ends: number[] = []
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
      for (const { index, delta, finish_reason } of chunk.choices) {
        texts[index] += delta.content ?? ''
        if (finish_reason !== null) ends.push(index)
      }
    }
    assert.deepEqual([texts, ends.sort()], [Array(3).fill('Hello world'), [0, 1, 2]])
  })

  it('gets completions of several prompts, with the prompts where it wants them', async () => {
    const { choices, usage } = await client.completions.create({
      model: 'tiny',
      prompt: ['a ', 'b '],
      n: 2,
      echo: true,
    })
    assert.deepEqual(
      choices.map(({ index, text }) => [index, text]),
      [
        [0, 'a Hello world'],
        [1, 'a Hello world'],
        [2, 'b Hello world'],
        [3, 'b Hello world'],
      ],
    )
    assert.deepEqual([usage?.prompt_tokens, usage?.completion_tokens], [10, 8])
  })

  it('fills in what stands between two texts', async () => {
    await client.completions.create({ model: 'tiny', prompt: 'def f(', suffix: 'return x', logprobs: 2 })
    assert.deepEqual(started.node.asked[0]?.body, {
      messages: [],
      raw: { prompt: 'def f(', suffix: 'return x' },
      logprobs: 2,
    })
  })

  for (const [field, wish] of [
    ['best_of', { best_of: 3 }],
    ['echo', { echo: true, logprobs: 1 }],
    ['n', { prompt: Array(100).fill('x'), n: 2 }],
    ['prompt[0]', { prompt: [[1, 2]] }],
  ] as const) {
    it(`is told that ${field} cannot be had as it is wished for`, async () => {
      const refused = client.completions.create({ model: 'tiny', prompt: 'Say', ...wish } as never)
      await assert.rejects(refused, { status: 400, param: field })
    })
  }

  it('gets pictures as they come, and previews of them', async () => {
    const png = (byte: number) => ({ mediaType: 'image/png', data: Uint8Array.of(byte) })
    const preview = (byte: number): QueryEvent => ({ kind: 'progress', fraction: 0.5, preview: png(byte) })
    const image: QueryEvent = { kind: 'image', index: 0, ...png(9) }
    started.node.script = scripted(FAKE_START, preview(1), preview(2), preview(3), image, {
      kind: 'end',
      finishReason: 'stop',
    })
    const stream = await client.images.generate({ model: 'tiny', prompt: 'a cat', stream: true, partial_images: 2 })
    const told: unknown[] = []
    for await (const event of stream) {
      told.push([event.type, event.b64_json, 'partial_image_index' in event ? event.partial_image_index : undefined])
    }
    assert.deepEqual(told, [
      ['image_generation.partial_image', 'AQ==', 0],
      ['image_generation.partial_image', 'Ag==', 1],
      ['image_generation.completed', 'CQ==', undefined],
    ])
  })

  it('is told that pictures come in one format', async () => {
    const refused = client.images.generate({ model: 'tiny', prompt: 'a cat', output_format: 'jpeg' })
    await assert.rejects(refused, { status: 400, param: 'output_format' })
  })

  it('gets an old-style completion, whole and streamed', async () => {
    const whole = await client.completions.create({ model: 'tiny', prompt: 'Say', max_tokens: 5 })
    assert.equal(whole.choices[0]?.text, 'Hello world')
    assert.deepEqual(started.node.asked[0]?.body, {
      messages: [],
      raw: { prompt: 'Say' },
      sampling: { maxTokens: 5 },
    })
    const stream = await client.completions.create({
      model: 'tiny',
      prompt: 'Say',
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    assert.deepEqual(
      chunks.map(({ choices }) => choices[0]?.text),
      ['Hello', ' world', '', undefined],
    )
    assert.equal(chunks[2]?.choices[0]?.finish_reason, 'stop')
    assert.equal(chunks[3]?.usage?.total_tokens, 7)
  })
})

/** What the package hands out is decoded unless base64 was asked for by name. */
function decoded(embedding: readonly number[] | string): number[] {
  if (typeof embedding !== 'string') return [...embedding]
  const bytes = Buffer.from(embedding, 'base64')
  return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))]
}
