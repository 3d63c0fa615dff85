import assert from 'node:assert/strict'
import { METHODS } from 'node:http'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

/** Ollama's family has the code beside the text. */
function codeIn(text: string): unknown {
  const { error, code } = JSON.parse(text)
  return code ?? error.code
}

describe('a door that is not there', () => {
  let started: StartedGateway
  before(async () => {
    started = await startGateway()
  })
  after(() => started.gateway.stop())

  const openAi: readonly (readonly [string, RegExp])[] = [
    ['/v1/assistants', /use http:\/\/127\.0\.0\.1:\d+\/v1\/responses or .*\/v1\/chat\/completions/],
    ['/v1/audio/music', /\/v1 has chat\/completions, responses, messages, completions, embeddings, files, batches/],
    ['/nowhere', /base address .* is http:\/\/127\.0\.0\.1:\d+\/v1/],
    ['/v1/api/chat', /Ollama's API is http:\/\/127\.0\.0\.1:\d+;/],
    ['/v1', /http:\/\/127\.0\.0\.1:\d+\/docs has every path$/],
  ]
  for (const [path, fix] of openAi) {
    it(`says at ${path} which one is`, async () => {
      const { status, text } = await send(started.port, { path, body: {} })
      const { error } = JSON.parse(text)
      assert.deepEqual([status, error.code, error.param], [404, 'unknown_url', null])
      assert.match(error.message, fix)
    })
  }

  it('says so to a client of Ollama in words that it prints', async () => {
    const { status, text } = await send(started.port, { path: '/api/experimental/aliases', body: {} })
    const { error, code } = JSON.parse(text)
    assert.deepEqual([status, typeof error, code], [404, 'string', 'unknown_url'])
    assert.match(error, /there is no POST \/api\/\S+ here\. Fix: of Ollama's API there are chat, generate/)
  })

  it('says so to a client of Anthropic in its shape', async () => {
    const { status, text } = await send(started.port, { path: '/v1/messages/batches', body: {} })
    const { type, error } = JSON.parse(text)
    assert.deepEqual([status, type, error.type], [404, 'error', 'not_found_error'])
    assert.match(error.message, /of Anthropic's API there are messages, messages\/count_tokens and models/)
  })

  it('may only want another method', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/chat/completions', 'POST'],
      ['POST', '/v1/models', 'GET'],
      ['DELETE', '/v1/embeddings', 'POST'],
      ['POST', '/api/tags', 'GET'],
      ['GET', '/api/chat', 'POST'],
    ] as const) {
      const { status, text, headers } = await send(started.port, { method, path })
      assert.deepEqual([status, headers.allow, codeIn(text)], [405, allow, 'method_not_allowed'], path)
    }
  })

  it('is no surprise with a method that Node knows and this gateway does not', async () => {
    for (const method of METHODS) {
      if (method === 'CONNECT' || method === 'HEAD' || method === 'OPTIONS') continue
      const { status, text } = await send(started.port, { method, path: '/v1/nope' })
      assert.ok(status >= 400 && status < 500, `${method}: ${status} ${text}`)
    }
  })
})

describe('a refusal', () => {
  let started: StartedGateway
  before(async () => {
    started = await startGateway({ apiKeys: [{ hash: 'a'.repeat(64) }], adminTokenHash: 'b'.repeat(64) })
  })
  after(() => started.gateway.stop())

  it('has the shape of the family, with everything that a program needs, and says which kind of key is wanted', async () => {
    const openAi = await send(started.port, { method: 'GET', path: '/v1/models' })
    const own = await send(started.port, { method: 'GET', path: '/api/status' })
    assert.equal(JSON.parse(openAi.text).error.code, 'invalid_api_key')
    assert.equal(JSON.parse(openAi.text).error.type, 'invalid_request_error')
    assert.equal(JSON.parse(own.text).code, 'invalid_api_key')
    assert.match(JSON.parse(own.text).error, /^the API key is missing or wrong\. Fix: /)
    for (const { status, headers } of [openAi, own]) {
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer realm="realmesh"'])
    }
  })
})
