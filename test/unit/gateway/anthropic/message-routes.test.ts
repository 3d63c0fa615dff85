import assert from 'node:assert/strict'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { failing } from '../../../support/fake-node.ts'
import { HELLO, type Received, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

describe('the paths of Anthropic’s API', () => {
  let started: StartedGateway
  before(async () => {
    started = await startGateway()
  })
  after(() => started.gateway.stop())

  const ask = (body: unknown, path = '/v1/messages'): Promise<Received> => send(started.port, { path, body })
  const errorOf = ({ text }: Received): { type: string; message: string; details: Record<string, unknown> } =>
    JSON.parse(text).error

  it('are found without their version, with it twice, and with a question behind', async () => {
    for (const path of ['/v1/messages?beta=true', '/messages', '/v1/v1/messages', '/v1/messages/']) {
      assert.equal((await ask(HELLO, path)).status, 200, path)
    }
  })

  it('name what the engine leaves out', async () => {
    const odd = { metadata: { user_id: 'u' }, context_management: { edits: [{}] }, thinking: { type: 'adaptive' } }
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }]
    const { headers } = await ask({ ...HELLO, ...odd, tools })
    assert.equal(
      headers['x-realmesh-ignored'],
      'thinking, metadata, context_management, tools.web_search_20250305', // the model does not think
    )
  })

  it('tell errors in their own shape: of a body, of a method, of a host', async () => {
    const broken = await ask('{')
    assert.deepEqual([broken.status, errorOf(broken).type], [400, 'invalid_request_error'])
    const wrong = await send(started.port, { path: '/v1/messages', method: 'GET' })
    assert.deepEqual([wrong.status, wrong.headers.allow, errorOf(wrong).type], [405, 'POST', 'invalid_request_error'])
    const foreign = await send(started.port, { path: '/v1/messages', body: HELLO, headers: { host: 'evil.example' } })
    assert.deepEqual([foreign.status, errorOf(foreign).type], [403, 'permission_error'])
  })

  it('open the error of a conversation that is too long by the words that programs know', async () => {
    started.node.script = failing(new RealmeshError('CONTEXT_TOO_LONG', '9000 tokens, and 4096 fit'))
    const told = await ask(HELLO)
    assert.equal(told.status, 400)
    assert.match(errorOf(told).message, /^prompt is too long: 9000 tokens, and 4096 fit\. Fix: shorten/)
    assert.deepEqual(errorOf(told).details, { error_code: 'context_length_exceeded' })
  })

  it('leave the models of OpenAI’s clients as they are', async () => {
    const path = '/v1/models'
    const openAi = JSON.parse((await send(started.port, { path })).text)
    assert.equal(openAi.object, 'list')
    const headers = { 'anthropic-version': '2023-06-01' }
    const anthropic = JSON.parse((await send(started.port, { path, headers })).text)
    assert.deepEqual([anthropic.object, anthropic.has_more, anthropic.data[0].type], [undefined, false, 'model'])
    const chat = await send(started.port, { body: HELLO, headers })
    assert.notEqual(chat.status, 404) // all other paths are there for both
    const page = await send(started.port, { path: '/v1/models?limit=x', headers })
    assert.deepEqual([page.status, errorOf(page).type], [400, 'invalid_request_error'])
  })
})
