/** A key's limits hold whatever door its queries come through, and are told in each dialect's own shape. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey, userOfHash } from '../../../gateway/door/credentials.ts'
import type { ListedModel } from '../../../node/api/node-api.ts'
import { listedModel } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import {
  HELLO,
  type Received,
  type Sent,
  type StartedGateway,
  send,
  startGateway,
} from '../../support/started-gateway.ts'

const KEY = 'sk-limited'
const HASH = hashKey(KEY)
const AUTHORIZATION = { authorization: `Bearer ${KEY}` }

const DOORS: Readonly<Record<string, Sent>> = {
  chat: { path: '/v1/chat/completions', body: HELLO },
  'chat, streamed': { path: '/v1/chat/completions', body: { ...HELLO, stream: true } },
  responses: { path: '/v1/responses', body: { model: 'tiny', input: 'hello' } },
  completions: { path: '/v1/completions', body: { model: 'tiny', prompt: 'hello' } },
  messages: { path: '/v1/messages', body: { ...HELLO, max_tokens: 9 } },
  'Ollama, chat': { path: '/api/chat', body: HELLO },
  'Ollama, generate': { path: '/api/generate', body: { model: 'tiny', prompt: 'hello' } },
}

describe("a key's limits", () => {
  let started: StartedGateway
  const clock = new ManualClock()
  afterEach(() => started.gateway.stop())

  async function limited(limits: object, permitted?: { models: string[] }): Promise<void> {
    started = await startGateway({ apiKeys: [{ hash: HASH, limits, permitted }] }, { clock })
  }
  const ask = (sent: Sent): Promise<Received> => send(started.port, { ...sent, headers: AUTHORIZATION })

  for (const [name, sent] of Object.entries(DOORS)) {
    it(`count a query through ${name}, and refuse the next one with the reason and a time`, async () => {
      await limited({ tokensPerMinute: 5, requestsPerMinute: 100 })
      const first = await ask(sent)
      assert.equal(first.status, 200)
      assert.equal(first.headers['x-ratelimit-limit-requests'], '100')
      assert.equal(first.headers['x-ratelimit-remaining-requests'], '99')
      assert.equal(first.headers['x-ratelimit-limit-tokens'], '5')
      const { status, headers, text } = await ask(sent)
      assert.equal(status, 429)
      assert.equal(headers['retry-after'], '36')
      assert.equal(headers['x-should-retry'], 'true')
      assert.equal(headers['x-ratelimit-remaining-tokens'], '0')
      const body = JSON.parse(text) as {
        code?: string
        error: string | { message: string; code?: string; type: string }
      }
      const told = typeof body.error === 'string' ? body.error : body.error.message
      assert.match(told, /limited to 5 tokens per minute/)
      if (typeof body.error === 'object') assert.equal(body.error.type, 'rate_limit_error')
      if (sent.path !== '/v1/messages')
        assert.equal((typeof body.error === 'object' ? body.error : body).code, 'key_limit')
      assert.deepEqual(started.gateway.keyUsage(), { [userOfHash(HASH)]: { running: 0, tokensToday: 7 } })
    })
  }

  it('are one count over all doors', async () => {
    const doors = Object.values(DOORS)
    await limited({ requestsPerMinute: doors.length })
    for (const sent of doors) assert.equal((await ask(sent)).status, 200)
    for (const sent of [...doors, { path: '/v1/models' }, { path: '/api/tags' }]) {
      assert.equal((await ask(sent)).status, 429)
    }
  })

  it('are no longer the same once the owner has changed them', async () => {
    await limited({ requestsPerMinute: 1 })
    assert.equal((await ask({ path: '/v1/models' })).status, 200)
    assert.equal((await ask({ path: '/v1/models' })).status, 429)
    started.gateway.takeKeys([{ hash: HASH, limits: { requestsPerMinute: 2 } }])
    assert.equal((await ask({ path: '/v1/models' })).status, 200)
    assert.equal((await ask({ path: '/v1/models' })).status, 429)
    started.gateway.takeKeys([{ hash: HASH }])
    assert.equal((await ask({ path: '/v1/models' })).status, 200)
  })

  it('are not spent by others, nor by a request without the key', async () => {
    await limited({ requestsPerMinute: 1 })
    assert.equal((await send(started.port, { path: '/v1/models' })).status, 401)
    assert.equal((await ask({ path: '/v1/models' })).status, 200)
  })

  it('say that a day is used up, and that no client should try again by itself', async () => {
    await limited({ tokensPerDay: 7 })
    await ask({ path: '/v1/chat/completions', body: HELLO })
    const { status, headers } = await ask({ path: '/v1/chat/completions', body: HELLO })
    assert.equal(status, 429)
    assert.equal(headers['x-should-retry'], 'false')
    assert.ok(Number(headers['retry-after']) > 60)
  })

  it('show only the models that it is for', async () => {
    await limited({}, { models: ['tiny*'] })
    const speaks = (name: string): ListedModel => {
      const listed = listedModel(name)
      return { ...listed, model: { ...listed.model, types: ['chat', 'speak'], voices: ['nova'] } }
    }
    started.node.listed = [speaks('tiny:latest'), speaks('huge')]
    const named = async (path: string): Promise<string> => (await ask({ path })).text
    for (const path of ['/v1/models', '/api/tags', '/api/models', '/v1/audio/voices', '/v1/audio/models']) {
      assert.match(await named(path), /tiny/)
      assert.doesNotMatch(await named(path), /huge/)
    }
    assert.equal((await ask({ path: '/v1/models/huge' })).status, 404)
    assert.equal((await ask({ path: '/api/show', body: { model: 'huge' } })).status, 404)
  })

  it('are told with 403 for what the key is not for', async () => {
    await limited({})
    started.node.script = () => {
      throw new RealmeshError('FORBIDDEN', 'this API key is not for the model x')
    }
    for (const sent of Object.values(DOORS)) assert.equal((await ask(sent)).status, 403)
  })
})
