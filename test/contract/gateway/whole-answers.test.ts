/** Whole answers that take long, as real clients take what keeps them awake. */
import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { Agent, request } from 'undici'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { HELLO, open, type StartedGateway, startGateway } from '../../support/started-gateway.ts'
import { turn, until } from '../../support/until.ts'

describe('a whole answer that takes long', () => {
  let started: StartedGateway
  let clock: ManualClock
  let answer: PromiseWithResolvers<void>
  beforeEach(async () => {
    clock = new ManualClock()
    started = await startGateway({}, { clock })
    answer = Promise.withResolvers()
    started.node.script = async function* () {
      yield FAKE_START
      await answer.promise
      yield { kind: 'text', text: 'at last' }
      yield { kind: 'end', finishReason: 'stop' }
    }
  })
  afterEach(() => started.gateway.stop())

  /** Lets the silence pass `times` times once the answer is waited for. */
  const silence = async (times: number): Promise<void> => {
    await until('the answer is waited for', () => clock.waits.includes(PING_EVERY_MS))
    for (let i = 0; i < times; i += 1) {
      clock.advance(PING_EVERY_MS)
      await turn()
    }
  }
  const late = () => answer.reject(new RealmeshError('ENGINE_FAILED', 'the engine fell over', { retryable: false }))

  it('comes to the openai package', async () => {
    const client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
    const asked = client.chat.completions.create({ model: 'tiny', messages: [{ role: 'user', content: 'x' }] })
    await silence(8)
    answer.resolve()
    assert.equal((await asked).choices[0]?.message.content, 'at last')
  })

  it('fails with its true status for the openai package', async () => {
    const client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
    const asked = client.chat.completions.create({ model: 'tiny', messages: [{ role: 'user', content: 'x' }] })
    const failed = assert.rejects(asked, { status: 502, code: 'engine_failed' })
    await silence(3)
    late()
    await failed
  })

  it('comes to undici, which is told that it goes on', async () => {
    const told: number[] = []
    const asked = request(`${started.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'undici' },
      body: JSON.stringify(HELLO),
      dispatcher: new Agent({ headersTimeout: 60_000, keepAliveTimeout: 1 }),
      onInfo: ({ statusCode }) => told.push(statusCode),
    })
    await silence(3)
    answer.resolve()
    const { statusCode, body } = await asked
    assert.match(await body.text(), /^\{.*at last/)
    assert.deepEqual([statusCode, told], [200, [102, 102, 102]])
  })

  it('has blanks before it for a client of whom nothing is known, and is JSON', async () => {
    const asked = open(started.port, { body: HELLO })
    await silence(1)
    const response = await asked
    assert.equal(response.headers['x-realmesh-node'], 'peer-that-serves')
    await silence(2)
    answer.resolve()
    let text = ''
    for await (const piece of response) text += String(piece)
    assert.match(text, /^ {3}\{/)
    assert.equal(JSON.parse(text).choices[0].message.content, 'at last')
  })

  for (const header of ['x-forwarded-for', 'x-client-ip']) {
    it(`has blanks before it behind a proxy that says ${header}, whatever the client behind that can`, async () => {
      started.gateway.takeKeys([{ hash: hashKey('sk-key') }]) // without one nobody enters through a proxy
      const headers = { 'user-agent': 'node', [header]: '10.0.0.1', 'x-api-key': 'sk-key' }
      const asked = open(started.port, { body: HELLO, headers })
      await silence(1)
      answer.resolve()
      let text = ''
      for await (const piece of await asked) text += String(piece)
      assert.match(text, /^ \{/)
    })
  }

  it('that fails behind blanks says so in a body that nobody takes for an answer', async () => {
    const asked = open(started.port, { body: HELLO })
    await silence(1)
    const response = await asked
    late()
    let text = ''
    for await (const piece of response) text += String(piece)
    const body = JSON.parse(text)
    assert.deepEqual([response.statusCode, body.error.code, body.choices], [200, 'engine_failed', undefined])
  })

  it('fails with its true status before the first blank', async () => {
    const asked = open(started.port, { body: HELLO })
    await silence(0)
    late()
    const response = await asked
    response.resume()
    assert.equal(response.statusCode, 502)
  })
})
