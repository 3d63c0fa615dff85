/** The document of the routes: valid by a validator of its own, whole, and true of what the gateway answers. */
import assert from 'node:assert/strict'
import { Validator } from '@seriousme/openapi-schema-validator'
import { PAGE_POLICY } from '../../../gateway/described/docs-page.ts'
import { ROUTE_NOTES } from '../../../gateway/described/notes/all-notes.ts'
import { noteKey } from '../../../gateway/described/notes/route-note.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { fakeControl } from '../../support/fake-control.ts'
import { HOST_TOKEN } from '../../support/fake-federation.ts'
import { answering, FAKE_START, scripted } from '../../support/fake-node.ts'
import { HELLO, type Sent, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

interface Document {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name?: string; readonly in?: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly type?: string
  readonly items?: Schema
  readonly maxItems?: number
}

describe('the document of the routes', () => {
  let started: StartedGateway
  let document: Document
  before(async () => {
    const init = { apiKeys: [], adminTokenHash: hashKey('token') }
    started = await startGateway(init, { control: fakeControl() })
    document = JSON.parse((await send(started.port, { path: '/openapi.json' })).text) as Document
  })
  after(() => started.gateway.stop())

  it('is valid OpenAPI', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never)
    assert.deepEqual([valid, errors], [true, undefined])
    assert.equal(document.openapi, '3.1.0')
    assert.deepEqual(document.servers, [{ url: `http://127.0.0.1:${started.port}` }])
  })

  it('has every route that is registered, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const registered = started.gateway.routes.map(({ method, path }) => {
      const plain = path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{name}')
      return `${method} ${plain.length > 1 ? plain.replace(/\/$/, '') : plain}`
    })
    assert.deepEqual(described.toSorted(), registered.toSorted())
  })

  it('names every operation once, and every part of a path', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    )
    assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    for (const { path, parameters = [] } of operations) {
      const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`)
      assert.deepEqual(named, path.match(/\{\w+\}/g) ?? [], path)
    }
  })

  it('says of lists what they hold, how many, and that they are needed', () => {
    const body = document.paths['/v1/chat/completions']?.['post']?.requestBody?.content['application/json']?.schema
    assert.deepEqual(body?.required, ['messages'])
    const messages = body?.properties?.['messages']
    assert.deepEqual([messages?.type, messages?.maxItems], ['array', 16_384])
    assert.ok(JSON.stringify(messages?.items).includes('"assistant"'))
  })

  it('holds no secret, and nothing of the node', () => {
    const text = JSON.stringify(document)
    assert.doesNotMatch(text, /this-peer|sk-[A-Za-z0-9]/)
  })

  it('is a page without a script or a request to another place', async () => {
    const { status, headers, text } = await send(started.port, { path: '/docs' })
    assert.equal(status, 200)
    assert.equal(headers['content-security-policy'], PAGE_POLICY)
    assert.match(PAGE_POLICY, /^default-src 'none'; style-src 'sha256-/)
    assert.doesNotMatch(text, /<script|\son\w+=|src=|https?:\/\/(?!127\.0\.0\.1)|@import|url\(/)
    for (const path of Object.keys(document.paths)) assert.ok(text.includes(`</span> ${path}</code>`), path)
  })

  const image = scripted(
    FAKE_START,
    { kind: 'image', index: 0, mediaType: 'image/png', data: Buffer.from('x') },
    { kind: 'end', finishReason: 'stop' },
  )
  const vector = scripted(
    FAKE_START,
    { kind: 'embedding', index: 0, vector: Float32Array.of(1, 2) },
    { kind: 'end', finishReason: 'stop' },
  )
  const asked: readonly (readonly [sent: Sent, key: string, script?: typeof image])[] = [
    [{ path: '/v1/models' }, 'GET /v1/models'],
    [{ path: '/v1/models/tiny' }, 'GET /v1/models/*'],
    [{ path: '/v1/chat/completions', body: HELLO }, 'POST /v1/chat/completions'],
    [{ path: '/v1/completions', body: { model: 'tiny', prompt: 'a' } }, 'POST /v1/completions'],
    [{ path: '/v1/embeddings', body: { model: 'tiny', input: 'a' } }, 'POST /v1/embeddings', vector],
    [{ path: '/v1/images/generations', body: { model: 'tiny', prompt: 'a' } }, 'POST /v1/images/generations', image],
    [{ path: '/v1/responses', body: { model: 'tiny', input: 'a' } }, 'POST /v1/responses'],
    [{ path: '/v1/messages', body: { ...HELLO, max_tokens: 9 } }, 'POST /v1/messages'],
    [{ path: '/api/chat', body: { ...HELLO, stream: false } }, 'POST /api/chat'],
    [{ path: '/api/generate', body: { model: 'tiny', prompt: 'a', stream: false } }, 'POST /api/generate'],
    [{ path: '/api/vision', body: { prompt: 'a', query_type: 'vision' } }, 'POST /api/vision'],
    [{ path: '/api/imagine', body: { prompt: 'a', query_type: 'imagine' } }, 'POST /api/imagine', image],
    [{ path: '/predict', body: { prompt: 'a' } }, 'POST /predict'],
    [{ path: '/sdapi/v1/txt2img', body: { prompt: 'a' } }, 'POST /sdapi/v1/txt2img', image],
    [{ path: '/api/tags' }, 'GET /api/tags'],
    [{ path: '/api/ps' }, 'GET /api/ps'],
    [{ path: '/health' }, 'GET /health'],
    [{ path: '/.well-known/realmesh.json' }, 'GET /.well-known/realmesh.json'],
  ]
  for (const [sent, key, script] of asked) {
    it(`is true of what ${key} answers`, async () => {
      started.node.script = script ?? answering('Hello', ' world')
      const { status, text } = await send(started.port, sent)
      assert.equal(status, 200, text)
      const { answer } = ROUTE_NOTES[key] ?? {}
      assert.ok(answer !== undefined, `${key} has no schema of its answer`)
      answer.parse(JSON.parse(text))
    })
  }

  it('is true of bodies: what it calls needed is, for each route that takes one', async () => {
    const tested: string[] = []
    for (const [path, methods] of Object.entries(document.paths)) {
      const { schema } = methods['post']?.requestBody?.content['application/json'] ?? {}
      if (schema?.required === undefined || schema.required.length === 0 || path.startsWith('/api/admin')) continue
      const headers = { authorization: `Bearer ${HOST_TOKEN}` }
      const { status, text } = await send(started.port, { path: path.replaceAll(/\{\w+\}/g, 'x'), headers, body: {} })
      // Hosts are told what is wrong with status 200, as RENT-A-HAL does.
      if (path.startsWith('/api/federation')) assert.match(text, /Invalid/, path)
      else assert.ok(status === 400 || status === 422, `${path}: ${status}`)
      tested.push(path)
    }
    assert.ok(tested.length >= 4, tested.join())
  })
})

describe('/.well-known/realmesh.json', () => {
  const KEY = 'sk-key'
  let started: StartedGateway
  afterEach(() => started.gateway.stop())
  const read = async (headers: Record<string, string> = {}): Promise<Record<string, unknown>> =>
    JSON.parse((await send(started.port, { path: '/.well-known/realmesh.json', headers })).text) as never

  it('tells everyone what there is and what never will be, and of the node nothing without a key', async () => {
    started = await startGateway({ apiKeys: [{ hash: hashKey(KEY) }] })
    const told = await read()
    const doors = told['doors'] as Record<string, string[]>
    assert.ok(doors['openai']?.includes('POST /v1/chat/completions'))
    assert.ok(doors['ollama']?.includes('POST /api/chat'))
    assert.ok(Object.keys(told['never'] as object).includes('assistants'))
    assert.deepEqual((told['access'] as { key_needed: boolean }).key_needed, true)
    assert.equal(told['node'], undefined)
    assert.doesNotMatch(JSON.stringify(told), /this-peer|admin\/(?!realms")/)
    const mine = (await read({ 'x-api-key': KEY }))['node'] as { peer_id: string }
    assert.equal(mine.peer_id, 'this-peer')
  })

  it('names no door that there is not: what is registered is what is told', async () => {
    started = await startGateway()
    const told = Object.values((await read())['doors'] as Record<string, string[]>).flat()
    const registered = new Set(started.gateway.routes.map(noteKey))
    for (const door of told) assert.ok(registered.has(door), door)
  })

  it('tells of the node to programs of this machine where they need no key, and not through a proxy', async () => {
    started = await startGateway()
    assert.notEqual((await read())['node'], undefined)
    assert.equal((await read({ 'x-forwarded-for': '203.0.113.9' }))['node'], undefined)
  })
})
