/** What is Ollama's own; what every door does is in test/contract/gateway. */
import assert from 'node:assert/strict'
import type { ChatBody } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { FAKE_START, listedModel, scripted } from '../../../support/fake-node.ts'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

const HELLO = { model: 'tiny', messages: [{ role: 'user', content: 'hello' }] }

function isDate(text: string): boolean {
  return new Date(text).toISOString() === text && Math.abs(Date.now() - Date.parse(text)) < 3_600_000
}

describe('Ollama’s API at the gateway', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  async function ask(path: string, body?: object): Promise<Record<string, unknown> & { readonly lines: object[] }> {
    const { text } = await send(started.port, { path, body })
    const lines = text.trim().split('\n')
    return { ...JSON.parse(lines.at(-1) ?? ''), lines: lines.map((line) => JSON.parse(line) as object) }
  }

  async function lines(path: string, body: object): Promise<readonly Record<string, unknown>[]> {
    return (await ask(path, body)).lines as Record<string, unknown>[]
  }

  function asked(): ChatBody {
    const body = started.node.asked.at(-1)?.body
    assert.ok(body !== undefined && 'messages' in body)
    return body
  }

  it('answers at / as programs for Ollama expect, and tells a person in a browser more', async () => {
    const program = await send(started.port, { path: '/', method: 'GET' })
    assert.deepEqual([program.status, program.text], [200, 'Ollama is running'])
    assert.equal((await send(started.port, { path: '/', method: 'HEAD' })).status, 200)
    const page = await send(started.port, { path: '/', method: 'GET', headers: { accept: 'text/html,*/*' } })
    assert.match(page.text, /realmesh is running.*http:\/\/127\.0\.0\.1:\d+\/v1/)
  })

  it('names the version of the API and that of realmesh', async () => {
    const { version, realmesh } = await ask('/api/version')
    assert.match(String(version), /^\d+\.\d+\.\d+$/)
    assert.equal(realmesh, '0.0.0-test')
  })

  it('lists models with a tag, a digest that can be cut, and the node that has it', async () => {
    const own = listedModel('acme/smol')
    started.node.listed.push({ ...own, local: true, model: { ...own.model, digest: 'd'.repeat(64), family: 'llama' } })
    const { models } = await ask('/api/tags')
    const [remote, local] = models as readonly Record<string, unknown>[]
    assert.deepEqual([remote?.['remote_host'], remote?.['remote_model']], ['peer-that-serves', 'tiny:latest'])
    assert.ok(String(remote?.['digest']).length >= 12)
    assert.deepEqual(
      [local?.['name'], local?.['remote_host'], local?.['digest']],
      ['acme/smol:latest', undefined, 'd'.repeat(64)],
    )
  })

  it('lists as loaded what a rig has in memory', async () => {
    const warm = { ...listedModel('warm:1b'), loaded: ['peer-that-serves'] }
    started.node.listed.push({ ...warm, model: { ...warm.model, contextLength: 512 } })
    const { models } = await ask('/api/ps')
    const [row, ...more] = models as readonly Record<string, unknown>[]
    assert.deepEqual([row?.['name'], row?.['context_length'], more], ['warm:1b', 512, []])
  })

  it('shows a model by either of its names, and says so when there is none', async () => {
    const known = listedModel('tiny:latest')
    started.node.listed = [{ ...known, model: { ...known.model, family: 'llama', contextLength: 4096 } }]
    for (const body of [{ model: 'tiny' }, { name: 'TINY:latest' }]) {
      const { model_info: info, capabilities } = await ask('/api/show', body)
      assert.deepEqual(info, { 'general.architecture': 'llama', 'llama.context_length': 4096 })
      assert.deepEqual(capabilities, ['completion', 'tools'])
    }
    const nope = String((await ask('/api/show', { model: 'tinny' }))['error'])
    assert.match(nope, /not found: .* the model tinny\. Fix: did you mean tiny\? GET \/api\/tags lists what there is$/)
  })

  it('streams unless told otherwise, and names the node that serves in each line', async () => {
    started.node.script = scripted(
      FAKE_START,
      { kind: 'text', text: 'a' },
      { ...FAKE_START, node: 'this-peer' },
      { kind: 'text', text: 'b' },
      { kind: 'end', finishReason: 'stop' },
    )
    const { lines } = await ask('/api/chat', HELLO)
    for (const line of lines) assert.ok('created_at' in line && isDate(String(line.created_at)))
    assert.deepEqual(
      lines.map((line) => ('remote_host' in line ? line.remote_host : undefined)),
      ['peer-that-serves', undefined, undefined],
    )
    assert.equal((await ask('/api/chat', { ...HELLO, stream: false })).lines.length, 1)
  })

  it('tells durations in nanoseconds from what the engine measured, and nothing that it did not', async () => {
    const usage = { promptTokens: 50, cachedTokens: 40, completionTokens: 4 }
    const timings = { loadMs: 1.5, prefillTokensPerSecond: 100, decodeTokensPerSecond: 8 }
    started.node.script = scripted(FAKE_START, { kind: 'end', finishReason: 'stop', usage, timings })
    const told = await ask('/api/generate', { model: 'tiny', prompt: 'x' })
    assert.deepEqual(
      [told['load_duration'], told['prompt_eval_duration'], told['eval_duration'], told['eval_count']],
      [1_500_000, 100_000_000, 500_000_000, 4],
    )
    started.node.script = scripted(FAKE_START, { kind: 'end', finishReason: 'stop' })
    const silent = await ask('/api/generate', { model: 'tiny', prompt: 'x' })
    assert.deepEqual(
      Object.keys(silent).filter((field) => /_(duration|count)$/.test(field)),
      ['total_duration'],
    )
  })

  it('takes options and names those that have no effect', async () => {
    const options = { num_predict: -1, temperature: 0, min_p: 0.1, mirostat: 1, num_gpu: 3, num_ctx: 99 }
    const body = { ...HELLO, options, truncate: false, shift: true }
    const { headers } = await send(started.port, { path: '/api/chat', body })
    assert.deepEqual(asked().sampling, { temperature: 0, minP: 0.1 })
    assert.deepEqual(asked().settings, { mirostat: 1, num_ctx: 99 })
    assert.equal(headers['x-realmesh-ignored'], 'shift, num_ctx, num_gpu')
  })

  it('tells an answer of a tool which call it answers, where the program does not', async () => {
    const call = (name: string) => ({ function: { name, arguments: { a: 1 } } })
    const messages = [
      ...HELLO.messages,
      { role: 'assistant', tool_calls: [call('one'), call('two')] },
      { role: 'tool', tool_name: 'two', content: 'second' },
      { role: 'tool', content: 'first' },
    ]
    await ask('/api/chat', { model: 'tiny', messages })
    const [, { toolCalls = [] } = {}, ...answers] = asked().messages
    assert.deepEqual(
      answers.map(({ toolCallId }) => toolCallId),
      [toolCalls[1]?.id, toolCalls[0]?.id],
    )
    assert.equal(toolCalls[0]?.arguments, '{"a":1}')
  })

  it('does not pass on arguments that are no object, but for a call that broke off at the limit', async () => {
    const call = { kind: 'toolCall', index: 0, name: 'one', arguments: '{"a":' } as const
    started.node.script = scripted(FAKE_START, call, { kind: 'end', finishReason: 'tool_calls' })
    assert.match(String((await ask('/api/chat', HELLO))['error']), /no JSON object/)
    started.node.script = scripted(FAKE_START, call, { kind: 'end', finishReason: 'length' })
    assert.equal((await ask('/api/chat', HELLO))['done_reason'], 'length')
  })

  it('goes on with a raw text, fills a gap, and refuses what neither can have', async () => {
    await ask('/api/generate', { model: 'tiny', prompt: 'a', raw: true })
    assert.deepEqual(asked(), { messages: [], raw: { prompt: 'a' } })
    await ask('/api/generate', { model: 'tiny', prompt: 'a', suffix: 'c' })
    assert.deepEqual(asked(), { messages: [], raw: { prompt: 'a', suffix: 'c' } })
    await ask('/api/generate', { model: 'tiny', prompt: 'a', system: 's' })
    assert.deepEqual(
      asked().messages.map(({ role }) => role),
      ['system', 'user'],
    )
    const before = started.node.asked.length
    for (const [field, more] of Object.entries({
      context: { context: [1] },
      template: { template: '{{ .Prompt }}' },
      system: { raw: true, system: 's' },
      images: { suffix: 'c', images: ['aaaa'] },
    })) {
      const { error } = await ask('/api/generate', { model: 'tiny', prompt: 'a', ...more })
      assert.match(String(error), new RegExp(`^${field}: .*Fix: `))
    }
    assert.equal(started.node.asked.length, before)
  })

  it('answers at once where nothing is asked, and asks no engine', async () => {
    const loaded = await ask('/api/generate', { model: 'tiny' })
    assert.deepEqual([loaded['done'], loaded['done_reason'], loaded['response']], [true, 'load', ''])
    for (const keep of [0, '0', '0s']) {
      const { done_reason } = await ask('/api/chat', { model: 'tiny', messages: [], keep_alive: keep })
      assert.equal(done_reason, 'unload')
    }
    assert.match(String((await ask('/api/generate', { model: 'nope' }))['error']), /not found/)
    assert.equal(started.node.asked.length, 0)
  })

  it('gives vectors, of several texts and of one', async () => {
    started.node.script = scripted(
      FAKE_START,
      { kind: 'embedding', index: 0, vector: new Float32Array([1, 0.5]) },
      { kind: 'end', finishReason: 'stop', usage: { promptTokens: 6, completionTokens: 0 } },
    )
    const { embeddings, prompt_eval_count: tokens } = await ask('/api/embed', { model: 'tiny', input: ['a'] })
    assert.deepEqual([embeddings, tokens], [[[1, 0.5]], 6])
    assert.deepEqual((await ask('/api/embeddings', { model: 'tiny', prompt: 'a' }))['embedding'], [1, 0.5])
    assert.deepEqual((await ask('/api/embed', { model: 'tiny' }))['embeddings'], [])
  })

  it('gives the vectors of many texts in the order of the texts', async () => {
    const vector = (index: number): QueryEvent => ({ kind: 'embedding', index, vector: new Float32Array([index]) })
    started.node.script = scripted(FAKE_START, vector(2), vector(0), vector(1), { kind: 'end', finishReason: 'stop' })
    const { embeddings } = await ask('/api/embed', { model: 'tiny', input: ['a', 'b', 'c'], dimensions: 1 })
    assert.deepEqual(embeddings, [[0], [1], [2]])
    assert.deepEqual(started.node.asked.at(-1)?.body, { inputs: ['a', 'b', 'c'], dimensions: 1 })
  })

  it('takes a level of thinking, and on and off', async () => {
    const levels = [true, false, 'low', 'medium', 'high', 'max', '', undefined]
    const seen: unknown[] = []
    for (const think of levels) {
      await ask('/api/chat', { ...HELLO, think })
      seen.push(asked().think)
    }
    assert.deepEqual(seen, [true, false, 'low', 'medium', 'high', 'high', undefined, undefined])
    const { error } = await ask('/api/chat', { ...HELLO, think: 'very' })
    assert.match(String(error), /think.*expected true, false, low, medium or high/)
  })

  it('hands the wish to keep a model in memory on, in every form that programs write it', async () => {
    for (const keep of ['5m', -1, 0, '0']) {
      await ask('/api/generate', { model: 'tiny', prompt: 'x', keep_alive: keep })
      assert.deepEqual(asked().settings, { keep_alive: keep })
    }
  })

  it('tells how probable the tokens were, streamed and whole', async () => {
    const told = { token: 'a', logprob: -0.5, bytes: [97], top: [{ token: 'b', logprob: -1 }] }
    started.node.script = scripted(
      FAKE_START,
      { kind: 'text', text: 'a', logprobs: [told] },
      { kind: 'end', finishReason: 'stop' },
    )
    const body = { model: 'tiny', prompt: 'x', logprobs: true, top_logprobs: 1 }
    const [first] = await lines('/api/generate', body)
    const whole = await ask('/api/generate', { ...body, stream: false })
    assert.equal(asked().logprobs, 1)
    for (const { logprobs } of [first ?? {}, whole]) {
      assert.deepEqual(logprobs, [
        { token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [{ token: 'b', logprob: -1, bytes: [98] }] },
      ])
    }
  })

  describe('of a model that draws', () => {
    const DRAWN: readonly QueryEvent[] = [
      FAKE_START,
      { kind: 'progress', fraction: 0.25 },
      { kind: 'progress', fraction: 0.5, preview: { mediaType: 'image/png', data: Buffer.from('p') } },
      { kind: 'image', index: 0, mediaType: 'image/png', data: Buffer.from('png') },
      { kind: 'end', finishReason: 'stop' },
    ]
    const BODY = { model: 'sd', prompt: 'a rig', width: 64, height: 0, steps: 8, options: { seed: 7 } }
    beforeEach(() => {
      const model = { ...listedModel('sd').model, types: ['imagine'] as const }
      started.node.listed = [{ ...listedModel('sd'), model }]
      started.node.script = scripted(...DRAWN)
    })

    it('generate draws: a line for each step, and the picture in the last', async () => {
      const told = await lines('/api/generate', BODY)
      assert.deepEqual(started.node.asked.at(-1)?.body, { prompt: 'a rig', width: 64, steps: 8, seed: 7 })
      assert.deepEqual(
        told.map(({ completed, total, done, response }) => [completed, total, done, response]),
        [
          [2, 8, false, ''],
          [4, 8, false, ''],
          [undefined, undefined, true, ''],
        ],
      )
      const { image, done_reason, remote_host } = told.at(-1) ?? {}
      assert.deepEqual(
        [image, done_reason, remote_host],
        [Buffer.from('png').toString('base64'), 'stop', FAKE_START.node],
      )
    })

    it('generate draws in one piece', async () => {
      const { image, done, response } = await ask('/api/generate', { ...BODY, stream: false })
      assert.deepEqual([image, done, response], [Buffer.from('png').toString('base64'), true, ''])
    })

    it('refuses pictures to draw from, and says so when there is none in the answer', async () => {
      const { error } = await ask('/api/generate', { ...BODY, images: ['AAAA'] })
      assert.match(String(error), /images.*text alone/)
      started.node.script = scripted(FAKE_START, { kind: 'end', finishReason: 'stop' })
      assert.match(String((await ask('/api/generate', { ...BODY, stream: false }))['error']), /no picture/)
      const [last] = (await lines('/api/generate', BODY)).slice(-1)
      assert.match(String(last?.['error']), /no picture/)
    })
  })

  it('refuses to change the models of a rig before it reads a body, with a sentence that helps', async () => {
    for (const [method, path] of [
      ['POST', '/api/pull'],
      ['POST', '/api/push'],
      ['POST', '/api/create'],
      ['POST', '/api/copy'],
      ['DELETE', '/api/delete'],
      ['POST', '/api/blobs/sha256:12'],
    ] as const) {
      const headers = { 'content-type': 'application/octet-stream' }
      const { status, text } = await send(started.port, { method, path, body: '\u0000', headers })
      assert.equal(status, 501, path)
      assert.match(JSON.parse(text).error, /\. Fix: .*ollama /, path)
    }
  })

  it('keeps the node’s own status beside what Ollama says there', async () => {
    const { cloud, peerId } = await ask('/api/status')
    assert.deepEqual([cloud, peerId], [{ disabled: true, source: 'none' }, 'this-peer'])
  })
})
