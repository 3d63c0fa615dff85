/** `/api/federation` as RENT-A-HAL's hosts and other realmesh gateways ask it: shapes, bounds, and who is believed. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { MAX_INTRODUCTION_BYTES } from '../../../gateway/federation/federation-routes.ts'
import { HOST_TOKEN } from '../../support/fake-federation.ts'
import { FakeNode } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'
import { volume } from '../../support/volume.ts'

const BEARER = { authorization: `Bearer ${HOST_TOKEN}` }
const QUERY = { prompt: 'Hi', query_type: 'chat', model_type: 'worker_node', model_name: '2070sLABCHAT' }
const ROUTE = { query_type: 'chat', query: QUERY, source_federation: 'federation_12345678' }
const ADVERT = {
  federation_id: 'federation_12345678',
  callback_url: 'http://10.0.0.9:5000',
  services: { chat: { primary_realm: '$CHAT', worker_count: 2 } },
}

describe('/api/federation', () => {
  let node: FakeNode
  let gateway: StartedGateway

  beforeEach(async () => {
    node = new FakeNode()
    gateway = await startGateway({}, { node })
  })
  afterEach(() => gateway.gateway.stop())

  async function ask(path: string, body?: unknown, headers: Record<string, string> = BEARER) {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/api/federation/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, type: response.headers.get('content-type') ?? '' }
  }

  const json = async (...args: Parameters<typeof ask>): Promise<[number, unknown]> => {
    const { status, text } = await ask(...args)
    return [status, JSON.parse(text)]
  }

  it('tells its state in the shape of RENT-A-HAL, and models beside', async () => {
    const expected = {
      federation_id: 'federation_0000feed',
      total_realms: 1,
      realms: [
        { name: '$CHAT', primary_type: 'chat', workers: 2, connections: 0, queries_processed: 3, error_rate: 0.25 },
      ],
      federation_metrics: {
        total_queries: 3,
        total_errors: 1,
        error_rate: 0.25,
        total_connections: 0,
        avg_processing_time: 0.5,
      },
      realmesh: { version: '0.0.0-test', slots: 2, models: [{ name: 'tiny', types: ['chat'], context_length: 4096 }] },
    }
    assert.deepEqual(await json('status'), [200, expected])
    node.federation.note({ federationId: 'x', callbackUrl: 'http://x', services: {} }, '10.0.0.1')
    assert.deepEqual(await json('status'), [200, expected], 'hosts hear nothing of others that are not listed')
    const [, own] = await json('status', undefined, {})
    assert.equal((own as { noted: unknown[] }).noted.length, 1)
  })

  it('accepts a listed host, by bearer, x-api-key, or the password of an address', async () => {
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}`,
    })
    const { services: _, ...join } = ADVERT
    for (const headers of [BEARER, { 'x-api-key': HOST_TOKEN }, basic(HOST_TOKEN)]) {
      assert.deepEqual(await json('join', join, headers), [
        200,
        {
          status: 'accepted',
          federation_id: 'federation_0000feed',
          callback_url: 'http://rig.lan:5000',
          realm_types: ['chat', 'vision', 'imagine'],
        },
      ])
    }
    assert.deepEqual(await json('advertise', ADVERT), [200, { status: 'accepted' }])
    assert.deepEqual(node.federation.told.at(-1), {
      federationId: 'federation_12345678',
      callbackUrl: 'http://10.0.0.9:5000',
      services: { chat: { realm: '$CHAT', workers: 2 } },
    })
    for (const headers of [{}, basic('wrong'), basic(''), { authorization: 'Basic !!!' }, { 'x-api-key': 'wrong' }]) {
      assert.equal((await ask('route', ROUTE, headers)).status, 401)
      assert.equal((await ask('discover', undefined, headers)).status, 401)
    }
    assert.equal(node.federation.asked.length, 0)
  })

  it('notes a host that is not listed, and one that is not who its token says, and accepts neither', async () => {
    const [status, told] = await json('advertise', ADVERT, {})
    assert.deepEqual([status, (told as { status: string }).status], [202, 'pending'])
    node.federation.host = { name: 'garage', relation: 'friend', federationId: 'federation_garage' }
    assert.equal((await ask('join', ADVERT)).status, 202)
    assert.equal(node.federation.strangers.length, 2)
    assert.equal(node.federation.told.length, 0)
    assert.equal((await ask('route', ROUTE)).status, 403)
  })

  it('answers what is no request with 200 and an error, as RENT-A-HAL does', async () => {
    for (const body of [{}, [], 'null', { federation_id: 'a' }, { ...ADVERT, callback_url: 'javascript:0' }]) {
      const [status, told] = await json('join', body)
      assert.deepEqual([status, (told as { error: string }).error], [200, 'Invalid federation request'])
    }
    const [, advert] = await json('advertise', { ...ADVERT, services: 7 })
    assert.deepEqual(advert, { status: 'error', message: 'Invalid service advertisement', code: 'BAD_REQUEST' })
    for (const body of [
      {},
      { ...ROUTE, query: undefined },
      { ...ROUTE, source_federation: '' },
      { ...ROUTE, query: {} },
    ]) {
      const [status, told] = await json('route', body)
      assert.deepEqual([status, (told as { error: string }).error], [200, 'Invalid routing request'])
    }
    const [, route] = await json('route', { ...ROUTE, query_type: 'speech' })
    assert.equal((route as { error: string }).error, 'No route found for query type')
    assert.equal((await ask('route', '{')).status, 400)
  })

  it('routes a query of RENT-A-HAL, whose model is a hint, and answers in one object', async () => {
    const { status, text, type } = await ask('route', ROUTE)
    assert.equal(status, 200)
    assert.match(type, /^application\/json/)
    const { processing_time: took, ...answer } = JSON.parse(text) as Record<string, unknown>
    assert.equal(typeof took, 'number')
    assert.deepEqual(answer, {
      status: 'success',
      result: 'Hello',
      result_type: 'text',
      federation_id: 'federation_0000feed',
      finish_reason: 'stop',
    })
    assert.deepEqual(node.federation.asked, [
      {
        type: 'chat',
        model: '',
        via: ['federation_12345678'],
        hopsLeft: 0,
        body: { messages: [{ role: 'user', content: 'Hi' }] },
      },
    ])
  })

  it('streams lines to a host that takes them, with what realmesh says beside the query', async () => {
    const messages = [
      { role: 'system', content: 'be short' },
      { role: 'user', content: 'what is it?' },
    ]
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64')
    const realmesh = { id: 'q-7', hops_left: 2, via: ['federation_a'], messages, max_tokens: 9 }
    const body = { ...ROUTE, query_type: 'vision', query: { ...QUERY, image: picture }, realmesh }
    const { text, type } = await ask('route', body, { ...BEARER, accept: 'application/x-ndjson, application/json' })
    assert.equal(type, 'application/x-ndjson')
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
      [
        { text: 'Hello' },
        { status: 'success', result_type: 'text', federation_id: 'federation_0000feed', finish_reason: 'stop' },
      ],
    )
    const [asked] = node.federation.asked
    assert.deepEqual(
      [asked?.id, asked?.model, asked?.via, asked?.hopsLeft],
      ['q-7', '2070sLABCHAT', ['federation_a', 'federation_12345678'], 2],
    )
    assert.deepEqual(asked?.type === 'chat' && [asked.body.messages[1]?.content, asked.body.sampling], [
      [
        { type: 'text', text: 'what is it?' },
        { type: 'image', mediaType: 'image/png', data: picture },
      ],
      { maxTokens: 9 },
    ])
  })

  it('sends pictures as base64 with their result_type', async () => {
    node.federation.script = async function* () {
      yield { kind: 'image', index: 0, mediaType: 'image/png', data: Buffer.from('png') }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const [, answer] = await json('route', { ...ROUTE, query_type: 'imagine' })
    const { result, result_type: type } = answer as { result: string; result_type: string }
    assert.deepEqual([result, type], [Buffer.from('png').toString('base64'), 'image'])
  })

  it('tells failures with 200, but who may ask and how much by the status of HTTP', async () => {
    const table = [
      ['NO_WORKER', 200, 'No route found for query type'],
      ['ENGINE_FAILED', 200, 'it failed'],
      ['PROTOCOL_ERROR', 200, 'it failed'],
      ['SHARE_REFUSED', 403, 'it failed'],
      ['REALM_OVERLOADED', 429, 'it failed'],
      ['NODE_LIMIT', 413, 'it failed'],
    ] as const
    for (const accept of ['application/json', 'application/x-ndjson']) {
      for (const [code, status, error] of table) {
        node.federation.script = () => {
          throw new RealmeshError(code, 'it failed')
        }
        const [was, told] = await json('route', ROUTE, { ...BEARER, accept })
        assert.deepEqual([was, (told as { error: string }).error], [status, error], code)
      }
    }
    node.federation.script = async function* () {
      yield { kind: 'text', text: 'half' }
      throw new RealmeshError('ENGINE_FAILED', 'it broke')
    }
    const { text } = await ask('route', ROUTE, { ...BEARER, accept: 'application/x-ndjson' })
    const last = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as object
    assert.deepEqual(last, {
      status: 'error',
      error: 'it broke',
      federation_id: 'federation_0000feed',
      code: 'ENGINE_FAILED',
    })
  })

  it('reads no long bodies of those who need no token', async () => {
    const body = { ...ADVERT, more: 'x'.repeat(MAX_INTRODUCTION_BYTES) }
    for (const path of ['join', 'advertise']) assert.equal((await ask(path, body, {})).status, 413)
    assert.equal((await ask('route', { ...ROUTE, more: body.more })).status, 200)
  })

  it('stands whatever body comes', async () => {
    const shape = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc
        .record({
          ...Object.fromEntries(Object.keys({ ...ROUTE, ...ADVERT, realmesh: 0 }).map((key) => [key, fc.jsonValue()])),
        })
        .map((value) => JSON.stringify(value)),
      fc
        .record({
          realmesh: fc.record({
            via: fc.jsonValue(),
            hops_left: fc.jsonValue(),
            messages: fc.jsonValue(),
            id: fc.jsonValue(),
          }),
        })
        .map((more) => JSON.stringify({ ...ROUTE, ...more })),
    )
    await fc.assert(
      fc.asyncProperty(shape, fc.constantFrom('route', 'join', 'advertise'), async (body, path) => {
        const { status, text } = await ask(path, body)
        assert.ok([200, 202, 400, 413].includes(status), `${status} ${text}`)
        assert.equal(typeof JSON.parse(text), 'object')
      }),
      { numRuns: volume(100, 20_000) },
    )
  })
})
