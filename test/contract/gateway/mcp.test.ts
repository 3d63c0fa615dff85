/** The door for agents, asked by the protocol's own client, in its current version and in those of before. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, failing, listedModel, scripted } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { open, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=='
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 5, completionTokens: 2 } }

const ERAS = [
  { name: 'of 2026-07-28', mode: { pin: '2026-07-28' } },
  { name: 'of 2025', mode: 'legacy' },
] as const

for (const { name, mode } of ERAS) {
  describe(`a client of MCP ${name}`, () => {
    let started: StartedGateway
    let client: Client

    async function connect(headers: Record<string, string> = {}): Promise<Client> {
      const made = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      const url = new URL(`http://127.0.0.1:${started.port}/mcp`)
      await made.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
      return made
    }

    beforeEach(async () => {
      started = await startGateway()
      client = await connect()
    })
    afterEach(async () => {
      await client.close()
      await started.gateway.stop()
    })

    it('finds the tools, each with schemas of what goes in and comes out', async () => {
      assert.equal(client.getServerVersion()?.name, 'realmesh')
      const { tools } = await client.listTools()
      assert.deepEqual(
        tools.map((tool) => tool.name),
        ['ask', 'see', 'imagine', 'swarm_status'],
      )
      for (const tool of tools) {
        assert.equal(tool.inputSchema.type, 'object')
        assert.equal(tool.outputSchema?.['type'], 'object')
        assert.ok((tool.description ?? '').length > 20)
        assert.equal(tool.annotations?.readOnlyHint, true)
      }
    })

    it('asks, and is told who answered', async () => {
      started.node.script = answering('Hello', ' world')
      const { content, structuredContent } = await client.callTool({
        name: 'ask',
        arguments: { prompt: 'hi', system: 'be kind', model: 'tiny', max_tokens: 7, temperature: 0, effort: 'low' },
      })
      assert.deepEqual(content, [{ type: 'text', text: 'Hello world' }])
      assert.deepEqual(structuredContent, {
        text: 'Hello world',
        finish_reason: 'stop',
        usage: { prompt_tokens: 5, completion_tokens: 2 },
        query_id: 'q-1',
        model: FAKE_START.model,
        node: FAKE_START.node,
      })
      assert.deepEqual(started.node.asked[0]?.body, {
        messages: [
          { role: 'system', content: 'be kind' },
          { role: 'user', content: 'hi' },
        ],
        sampling: { maxTokens: 7, temperature: 0 },
        think: 'low',
      })
    })

    it('gets JSON where it gives a schema', async () => {
      started.node.script = answering('{"city":', '"Ur"}')
      const schema = { type: 'object', properties: { city: { type: 'string' } } }
      const { structuredContent } = await client.callTool({ name: 'ask', arguments: { prompt: 'where?', schema } })
      assert.deepEqual((structuredContent as { json: unknown }).json, { city: 'Ur' })
      const { body } = started.node.asked[0] ?? assert.fail()
      assert.deepEqual('responseFormat' in body && body.responseFormat, {
        type: 'json_schema',
        name: 'answer',
        schema,
      })
    })

    it('shows pictures', async () => {
      started.node.script = answering('a dot')
      const images = [PICTURE, `data:image/webp;base64,${PICTURE}`]
      const { structuredContent } = await client.callTool({ name: 'see', arguments: { prompt: 'what?', images } })
      assert.equal((structuredContent as { text: string }).text, 'a dot')
      const { body } = started.node.asked[0] ?? assert.fail()
      assert.deepEqual('messages' in body && body.messages[0]?.content, [
        { type: 'text', text: 'what?' },
        { type: 'image', mediaType: 'image/png', data: PICTURE },
        { type: 'image', mediaType: 'image/webp', data: PICTURE },
      ])
    })

    it('draws, and gets the pictures themselves', async () => {
      const picture = (index: number): QueryEvent => {
        return { kind: 'image', index, mediaType: 'image/png', data: Buffer.from([index]), seed: 7 + index }
      }
      started.node.script = scripted(FAKE_START, picture(1), picture(0), END)
      const drawn = { prompt: 'a rig', width: 64, height: 32, count: 2, seed: 7 }
      const { content, structuredContent } = await client.callTool({ name: 'imagine', arguments: drawn })
      assert.deepEqual(content, [
        { type: 'image', data: 'AA==', mimeType: 'image/png' },
        { type: 'image', data: 'AQ==', mimeType: 'image/png' },
      ])
      assert.deepEqual((structuredContent as { images: unknown }).images, [
        { media_type: 'image/png', seed: 7 },
        { media_type: 'image/png', seed: 8 },
      ])
      assert.deepEqual(started.node.asked[0]?.body, drawn)
    })

    it('writes recordings down where a model hears', async () => {
      const hears = { ...listedModel('ears').model, types: ['transcribe'] as const }
      started.node.listed = [...started.node.listed, { ...listedModel('ears'), model: hears }]
      const { tools } = await client.listTools()
      assert.ok(tools.some((tool) => tool.name === 'transcribe'))
      started.node.script = scripted(
        FAKE_START,
        { kind: 'text', text: ' Good morning.' },
        { kind: 'segment', start: 0, end: 1.5, text: ' Good morning.' },
        { kind: 'end', finishReason: 'stop', heard: { language: 'en', seconds: 2 } },
      )
      const audio = `data:audio/wav;base64,${Buffer.from('RIFF').toString('base64')}`
      const { content, structuredContent } = await client.callTool({
        name: 'transcribe',
        arguments: { audio, segments: true, language: 'en' },
      })
      assert.deepEqual(content, [{ type: 'text', text: 'Good morning.' }])
      const { text, language, seconds, segments } = structuredContent as Record<string, unknown>
      assert.deepEqual([text, language, seconds], ['Good morning.', 'en', 2])
      assert.deepEqual(segments, [{ start: 0, end: 1.5, text: ' Good morning.' }])
      assert.deepEqual(started.node.asked[0]?.body, {
        audio: Buffer.from('RIFF'),
        mediaType: 'audio/wav',
        task: 'transcribe',
        language: 'en',
        segments: true,
      })
      for (const [written, mediaType] of [
        ['data:audio/pcm;rate=24000;base64,UklG\nRg', 'audio/pcm;rate=24000'],
        ['data:Audio/Wav;base64,UklGRg%3D%3D', 'audio/wav'],
        ['UklGRg', 'application/octet-stream'],
      ] as const) {
        await client.callTool({ name: 'transcribe', arguments: { audio: written } })
        const heard = started.node.asked.at(-1)?.body
        assert.ok(heard !== undefined && 'audio' in heard)
        assert.deepEqual([Buffer.from(heard.audio).toString(), heard.mediaType], ['RIFF', mediaType])
      }
      const silent = await client.callTool({ name: 'transcribe', arguments: { audio: '!' } })
      assert.match(JSON.stringify(silent), /audio.*is not base64/)
    })

    it('sees the state of the swarm', async () => {
      const { structuredContent } = await client.callTool({ name: 'swarm_status', arguments: {} })
      const { node, models } = structuredContent as { node: string; models: unknown }
      assert.equal(node, 'this-peer')
      assert.deepEqual(models, [{ name: 'tiny:latest', types: ['chat'], nodes: 1, loaded: 0, here: false }])
    })

    it('is told how it goes where it asks, in numbers that grow', async () => {
      started.node.script = scripted(
        { kind: 'queued', position: 2, estimatedWaitMs: 4_000 },
        { kind: 'queued', position: 1, estimatedWaitMs: 2_000 },
        FAKE_START,
        { kind: 'text', text: 'Hello' },
        END,
      )
      const told: { progress: number; message?: string | undefined }[] = []
      await client.callTool(
        { name: 'ask', arguments: { prompt: 'hi' } },
        { onprogress: ({ progress, message }) => told.push({ progress, message }) },
      )
      assert.deepEqual(told.slice(0, 2), [
        { progress: 1, message: 'place 2 in the queue, about 4 s' },
        { progress: 2, message: 'place 1 in the queue, about 2 s' },
      ])
    })

    it('is told of a failure as a result that says what to do', async () => {
      started.node.script = failing(new RealmeshError('CONSENT_NEEDED', 'it leaves your home', { fix: 'say yes' }))
      const failed = await client.callTool({ name: 'ask', arguments: { prompt: 'hi' } })
      assert.equal(failed.isError, true)
      assert.deepEqual(failed.content, [{ type: 'text', text: 'it leaves your home. Fix: say yes' }])
      assert.deepEqual(failed._meta?.['realmesh/error'], {
        code: 'consent_needed',
        message: 'it leaves your home',
        fix: 'say yes',
      })
      const unknown = await client.callTool({ name: 'ask', arguments: { prompt: 'hi', model: 'nope' } })
      assert.match(JSON.stringify(unknown.content), /no node within reach has the model nope/)
      const noPicture = await client.callTool({ name: 'see', arguments: { prompt: 'hi', images: ['https://x/y.png'] } })
      assert.match(JSON.stringify(noPicture), /images\[0\]/)
    })

    it('is told which argument is wrong, before anything is asked', async () => {
      const { isError, content } = await client.callTool({ name: 'ask', arguments: { prompt: 7 } })
      assert.equal(isError, true)
      assert.match(JSON.stringify(content), /prompt/)
      assert.equal(started.node.asked.length, 0)
    })

    it('stops the work when it leaves', async () => {
      const cancelled = Promise.withResolvers<void>()
      started.node.script = async function* (_request, signal) {
        yield FAKE_START
        leave.abort()
        await aborted(signal)
        cancelled.resolve()
      }
      const leave = new AbortController()
      const call = client.callTool({ name: 'ask', arguments: { prompt: 'hi' } }, { signal: leave.signal })
      const broken = assert.rejects(call)
      leave.signal.addEventListener('abort', () => {
        if (mode === 'legacy') void client.close()
      })
      await broken
      await cancelled.promise
    })

    it('needs a key where there is one', async () => {
      await started.gateway.takeKeys([{ hash: hashKey('secret') }])
      await assert.rejects(client.callTool({ name: 'swarm_status', arguments: {} }))
      const other = await connect({ authorization: 'Bearer secret' })
      assert.notEqual((await other.callTool({ name: 'swarm_status', arguments: {} })).isError, true)
      await other.close()
    })
  })
}

describe('the door of MCP', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const accept = { accept: 'application/json, text/event-stream' }

  it('lets no page of another origin in, and no other host', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { host: 'evil.example' }]) {
      const { status, text } = await send(started.port, {
        path: '/mcp',
        body: LIST,
        headers: { ...accept, ...headers },
      })
      assert.equal(status, 403)
      assert.equal(JSON.parse(text).error.data?.code ?? JSON.parse(text).error.code, 'forbidden')
    }
  })

  it('tells what it refuses in the shape of JSON-RPC', async () => {
    const several = await send(started.port, { path: '/mcp', body: [LIST, LIST], headers: accept })
    assert.equal(several.status, 400)
    assert.deepEqual(JSON.parse(several.text), {
      jsonrpc: '2.0',
      error: {
        code: -32000,
        message: 'several messages in one request are not taken. Fix: send each in a request of its own',
        data: { code: 'bad_request', fix: 'send each in a request of its own' },
      },
      id: null,
    })
    const get = await send(started.port, { path: '/mcp' })
    assert.deepEqual([get.status, get.headers.allow], [405, 'POST'])
    const page = await send(started.port, {
      path: '/mcp',
      body: 'x'.repeat(10),
      headers: { 'content-type': 'text/html' },
    })
    assert.equal(page.status, 415)
  })

  it('notices that a client has left of which it knows no more than that it says nothing', async () => {
    const clock = new ManualClock()
    const watched = await startGateway({ drainMs: 0 }, { clock })
    let isCancelled = false
    watched.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'Hello' }
      await aborted(signal)
      isCancelled = true
    }
    try {
      const params = { name: 'ask', arguments: { prompt: 'hi' }, _meta: { progressToken: 1 } }
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      const answer = await open(watched.port, { path: '/mcp', body, headers: accept })
      await once(answer, 'data') // how far the answer is
      answer.destroy()
      // Less in all than it takes until the next word of the tool would show it.
      for (let ms = 0; ms < PING_EVERY_MS / 2 && !isCancelled; ms += 50) {
        clock.advance(50)
        await new Promise(setImmediate)
      }
      assert.ok(isCancelled)
    } finally {
      await watched.gateway.stop()
    }
  })

  describe('answers a plain call as the library answers its like', () => {
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const modern = { ...accept, 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' }
    const eras = {
      'of 2026': { headers: modern, meta },
      'of 2025': { headers: { ...accept, 'mcp-protocol-version': '2025-11-25' }, meta: undefined },
    }
    const calls = {
      'that goes well': { name: 'ask', arguments: { prompt: 'hi' } },
      'that fails': { name: 'ask', arguments: { prompt: 'hi', model: 'nope' } },
      'of a tool without a model': { name: 'swarm_status' },
    }

    for (const [era, { headers, meta }] of Object.entries(eras)) {
      for (const [which, call] of Object.entries(calls)) {
        it(`${era}, ${which}`, async () => {
          started.node.script = (request, signal) => {
            started.node.asked.length = 0 // so that queries have the same id
            return answering('Hello')(request, signal)
          }
          const answers = []
          // What no client needs of us has the library look at a call.
          for (const more of [{}, { requestState: 'x' }]) {
            const params = { ...call, ...more, ...(meta && { _meta: meta }) }
            const {
              status,
              text,
              headers: head,
            } = await send(started.port, {
              path: '/mcp',
              body: { jsonrpc: '2.0', id: 'a', method: 'tools/call', params },
              headers: { ...headers, ...(meta && { 'mcp-name': call.name }) },
            })
            const { id, jsonrpc, result } = JSON.parse(/^event: message\ndata: (.*)\n\n$/.exec(text)?.[1] ?? text)
            answers.push({ status, type: head['content-type'], id, jsonrpc, result })
          }
          assert.deepEqual(answers[0], answers[1])
          assert.equal(answers[0]?.status, 200)
          assert.equal(answers[0]?.result.isError === true, which === 'that fails')
        })
      }
    }

    for (const [what, changes] of Object.entries({
      'a tool that is not there': { body: { name: 'steal' } },
      'parameters that are none': { body: 'ask' },
      'another name in the head': { headers: { 'mcp-name': 'see' } },
      'another version in the head': { headers: { 'mcp-protocol-version': '2025-11-25' } },
      'no method in the head': { headers: { 'mcp-method': '' } },
    })) {
      it(`but leaves ${what} to it, which refuses`, async () => {
        const { body = { name: 'ask' }, headers = {} } = changes as { body?: unknown; headers?: object }
        const params = typeof body === 'object' ? { arguments: { prompt: 'hi' }, _meta: meta, ...body } : body
        const { text } = await send(started.port, {
          path: '/mcp',
          body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
          headers: { ...modern, 'mcp-name': 'ask', ...headers },
        })
        assert.equal(typeof JSON.parse(/data: (.*)/.exec(text)?.[1] ?? text).error.code, 'number')
        assert.equal(started.node.asked.length, 0)
      })
    }
  })

  it('holds no streams open for what never changes', async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${started.port}/mcp`)))
    assert.deepEqual(client.getServerCapabilities(), { tools: { listChanged: false } })
    await client.close()
  })
})
