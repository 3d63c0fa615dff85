import assert from 'node:assert/strict'
import { RentAHalHostEngine } from '../../../engines/rentahal-host/rentahal-host.ts'
import { collect, textOf } from '../../support/collect.ts'
import { hostStub, STUB_FEDERATION, STUB_HOST_MODEL } from '../../support/engines/host-stub.ts'
import { stubPng } from '../../support/engines/stub-image.ts'
import { StubServer, sendJson } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'
import { engineContract } from './engine-contract.ts'

const CAN = {
  prefill: false,
  tools: false,
  images: false,
  structured: false,
  reasoning: false,
  embed: false,
  load: false,
} as const

engineContract({
  name: 'rentahal-host (RENT-A-HAL, in one piece)',
  stub: (knobs) => hostStub(knobs).start(),
  engine: (url) => new RentAHalHostEngine({ url }),
  model: STUB_HOST_MODEL,
  can: { ...CAN, usage: false, streams: false, seed: false },
})

engineContract({
  name: 'rentahal-host (realmesh, in lines)',
  stub: (knobs) => hostStub(knobs, { streams: true }).start(),
  engine: (url) => new RentAHalHostEngine({ url }),
  model: 'tiny',
  can: { ...CAN, usage: true, streams: true, seed: true },
})

describe('rentahal-host', () => {
  const never = new AbortController().signal
  const open: { close(): Promise<void> }[] = []

  function engineAt(stub: StubServer, more: { apiKey?: string; federationId?: string } = {}): RentAHalHostEngine {
    const engine = new RentAHalHostEngine({ url: stub.url, ...more })
    open.push(engine, { close: () => stub.stop() })
    return engine
  }

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })

  it('sends the members that RENT-A-HAL reads, and what realmesh reads beside them', async () => {
    const stub = await hostStub().start()
    const engine = engineAt(stub)
    const messages = [
      { role: 'system' as const, content: 'be short' },
      { role: 'user' as const, content: 'hi' },
    ]
    const query = chatQuery({ id: 'q-1', model: STUB_HOST_MODEL, body: { messages, sampling: { maxTokens: 9 } } })
    const federated = { via: ['federation_a', 'federation_b'], hopsLeft: 2 }
    await collect(engine.run({ ...query, federated }, { signal: never }))
    assert.deepEqual((await stub.journal.waitFor('start')).body, {
      query_type: 'chat',
      query: {
        prompt: 'system: be short\nuser: hi\nassistant:',
        query_type: 'chat',
        model_type: 'worker_node',
        model_name: '',
      },
      source_federation: 'federation_b',
      realmesh: { id: 'q-1', hops_left: 2, via: ['federation_a', 'federation_b'], messages, max_tokens: 9 },
    })
  })

  it('carries its token with everything, and follows no redirect', async () => {
    const seen: (string | undefined)[] = []
    const trap = await hostStub().start()
    open.push({ close: () => trap.stop() })
    const stub = await new StubServer({
      'GET /api/federation/status': ({ headers }, response) => {
        seen.push(headers.authorization)
        sendJson(response, 200, { federation_id: STUB_FEDERATION, realms: [] })
      },
      'POST /api/federation/route': ({ headers }, response) => {
        seen.push(headers.authorization)
        response.writeHead(307, { location: `${trap.url}/api/federation/route` }).end()
      },
    }).start()
    const engine = engineAt(stub, { apiKey: 'shared-token' })
    await engine.probe({ signal: never })
    await assert.rejects(collect(engine.run(chatQuery(), { signal: never })), { code: 'ENGINE_FAILED' })
    assert.deepEqual(seen, ['Bearer shared-token', 'Bearer shared-token'])
    assert.equal(trap.journal.entries.length, 0)
  })

  it('is not well when another federation answers than its owner named', async () => {
    const engine = engineAt(await hostStub().start(), { federationId: 'federation_other' })
    await assert.rejects(engine.probe({ signal: never }), { code: 'ENGINE_FAILED', retryable: false })
  })

  it('draws where the host has workers that draw', async () => {
    const png = stubPng('a', 1)
    const stub = await new StubServer({
      'GET /api/federation/status': (_request, response) =>
        sendJson(response, 200, {
          federation_id: STUB_FEDERATION,
          realms: [{ name: '$IMAGINE', primary_type: 'imagine', workers: 2 }],
        }),
      'POST /api/federation/route': (_request, response) =>
        sendJson(response, 200, { status: 'success', result: png.toString('base64'), federation_id: STUB_FEDERATION }),
    }).start()
    const engine = engineAt(stub)
    const [model] = await engine.models({ signal: never })
    assert.deepEqual(model?.types, ['imagine'])
    const { body: _, ...envelope } = chatQuery({ model: STUB_HOST_MODEL })
    const events = await collect(
      engine.run({ ...envelope, type: 'imagine', body: { prompt: 'a rig' } }, { signal: never }),
    )
    assert.deepEqual(
      events.map((event) =>
        event.kind === 'image' ? [event.mediaType, Buffer.from(event.data).equals(png)] : event.kind,
      ),
      [['image/png', true], 'end'],
    )
  })

  it('takes what a realmesh host says of the request, and calls a lack of room busy', async () => {
    const codes: unknown[] = []
    let told: object = {}
    const stub = await new StubServer({
      'POST /api/federation/route': (_request, response) => sendJson(response, 200, told),
    }).start()
    const engine = engineAt(stub)
    const answers = [
      { status: 'error', error: 'x', code: 'PROMPT_TOO_LARGE' },
      { status: 'error', error: 'x', code: 'SHARE_REFUSED' },
      { status: 'error', error: 'x', code: 'HOME_LOCKED' },
      { status: 'error', error: '503: No available worker nodes' },
      { error: 'No route found for query type' },
      { error: 'Invalid routing request' },
      { status: 'success', result: 7 },
      {},
      { status: 'success', result: 'x', finish_reason: 'abort' },
    ]
    for (const answer of answers) {
      told = answer
      const thrown: unknown = await collect(engine.run(chatQuery(), { signal: never })).then(textOf, (error) => error)
      codes.push((thrown as { code?: string }).code)
    }
    assert.deepEqual(codes, [
      'PROMPT_TOO_LARGE',
      ...['ENGINE_FAILED', 'ENGINE_FAILED'],
      ...['ENGINE_BUSY', 'ENGINE_BUSY', 'ENGINE_FAILED'],
      ...['ENGINE_GARBAGE', 'ENGINE_FAILED', 'ENGINE_FAILED'],
    ])
  })
})
