import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { text as textOfStream } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { Logger } from '../../../core/logger.ts'
import { silentLogger } from '../../../core/logger.ts'
import type { RouteReceipt } from '../../../core/query/receipt.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { createGateway } from '../../../gateway/gateway.ts'
import { MAX_PENDING_CHARS } from '../../../gateway/request/limits.ts'
import { aborted } from '../../support/aborted.ts'
import { FAKE_START, FakeNode, failing } from '../../support/fake-node.ts'
import { HELLO, open, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const KEY = 'sk-right'

describe('the gateway', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  it('does not start on an open address without a key', async () => {
    const gateway = createGateway(
      { node: new FakeNode(), log: silentLogger },
      { host: '0.0.0.0', port: 0, apiKeys: [], version: '1', drainMs: 0 },
    )
    await assert.rejects(gateway.start(), { code: 'BIND_REFUSED' })
    await gateway.stop()
  })

  it('says which port is taken', async () => {
    await assert.rejects(startGateway({ port: started.port }), { code: 'PORT_IN_USE', fix: /--http/ })
  })

  it('has no address before it started and the real port afterwards', () => {
    const fresh = createGateway(
      { node: new FakeNode(), log: silentLogger },
      { host: '127.0.0.1', port: 0, apiKeys: [], version: '1', drainMs: 0 },
    )
    assert.throws(() => fresh.url)
    assert.notEqual(started.port, 0)
  })

  it('stops twice without harm', async () => {
    await started.gateway.stop()
    await started.gateway.stop()
    await assert.rejects(send(started.port, { path: '/health' }))
  })

  it('marks every response, refusals and unknown paths too', async () => {
    for (const path of ['/health', '/v1/models', '/nowhere', '/v1/nowhere', '/%']) {
      const { headers } = await send(started.port, { method: 'GET', path })
      assert.equal(headers['x-realmesh'], '0.0.0-test', path)
    }
    const refused = await send(started.port, { method: 'GET', headers: { host: 'evil.example' } })
    assert.equal(refused.headers['x-realmesh'], '0.0.0-test')
  })

  it('answers unknown paths in the shape of the family', async () => {
    for (const path of ['/nowhere', '/v1/audio/music', '/api/nowhere']) {
      const { status, text } = await send(started.port, { path, body: {} })
      assert.equal(status, 404)
      const { error, code } = JSON.parse(text)
      assert.equal(path.startsWith('/api') ? code : error.code, 'unknown_url')
    }
  })

  const badBodies: readonly (readonly [string, string, number, RegExp])[] = [
    ['half a JSON', '{"model":', 400, /not valid JSON/],
    ['no body', '', 400, /empty/],
    ['a list', '[]', 400, /body: expected object/],
    ['a number', '7', 400, /expected object/],
    ['no messages', '{}', 400, /^messages: /],
    ['empty messages', '{"messages":[]}', 400, /^messages: /],
    ['messages that are text', '{"messages":"hi"}', 400, /^messages: expected array/],
    ['a role that is none', '{"messages":[{"role":"king","content":""}]}', 400, /messages\[0\].*role/],
    ['content that is a number', '{"messages":[{"role":"user","content":7}]}', 400, /messages\[0\].content/],
    ['temperature as text', '{"messages":[{"role":"user","content":"x"}],"temperature":"hot"}', 400, /^temperature/],
    ['too many answers wanted', '{"messages":[{"role":"user","content":"x"}],"n":129}', 400, /^n: /],
    ['stream as text', '{"messages":[{"role":"user","content":"x"}],"stream":"yes"}', 400, /^stream/],
    ['deep nesting', `{"messages":[],"x":${'['.repeat(100)}${']'.repeat(100)}}`, 400, /deeper than/],
    ['too much text', JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(2 ** 20 + 1) }] }), 413, /bytes/],
    ['a huge body', JSON.stringify({ messages: 'x'.repeat(17 * 2 ** 20) }), 413, /larger/],
  ]
  for (const [name, body, status, message] of badBodies) {
    it(`refuses ${name} with one line and without a stack`, async () => {
      const answer = await send(started.port, { body })
      assert.equal(answer.status, status)
      const { error } = JSON.parse(answer.text)
      assert.match(error.message, message)
      assert.doesNotMatch(answer.text, /\n|\bat \w|\.ts:/)
      assert.equal(started.node.asked.length, 0)
    })
  }

  it('takes JSON of a browser only when it is declared as JSON, so that no web form can ask', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { 'content-type': type, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }
      const { status } = await send(started.port, { body: HELLO, headers })
      assert.equal(status, 415, type)
    }
    assert.equal(started.node.asked.length, 0)
  })

  it('drops connections that send garbage and goes on', async () => {
    const socket = connect(started.port, '127.0.0.1')
    socket.end('\x16\x03\x01 no HTTP at all\r\n\r\n')
    assert.match(await textOfStream(socket), /^HTTP\/1.1 400/)
    assert.equal((await send(started.port, { path: '/health' })).status, 200)
  })

  it('hands the options of the headers to the node', async () => {
    await send(started.port, {
      body: HELLO,
      headers: { 'x-realmesh-scope': 'local', 'x-realmesh-query-id': 'mine', 'x-realmesh-continuation': 'off' },
    })
    const { id, scope, continuation, user } = started.node.asked[0] ?? {}
    assert.deepEqual(
      { id, scope, continuation, user },
      { id: 'mine', scope: 'local', continuation: false, user: 'local' },
    )
    const bad = await send(started.port, { body: HELLO, headers: { 'x-realmesh-scope': 'mars' } })
    assert.equal(bad.status, 400)
    assert.equal(started.node.asked.length, 1)
  })

  it('shows a receipt to its owner and to nobody else', async () => {
    const receipt = { id: 'q-9', outcome: 'served' } as RouteReceipt
    started.node.receipts.set('q-9', { user: 'local', receipt })
    started.node.receipts.set('q-8', { user: 'key-of-another', receipt })
    assert.deepEqual(JSON.parse((await send(started.port, { path: '/api/queries/q-9' })).text), receipt)
    const other = await send(started.port, { path: '/api/queries/q-8' })
    assert.equal(other.status, 404)
    assert.equal(JSON.parse(other.text).code, 'query_not_found')
  })

  it('cancels the query when the client leaves', async () => {
    const cancelled = new Promise<void>((resolve) => {
      started.node.script = async function* (_request, signal) {
        yield FAKE_START
        yield { kind: 'text', text: 'first' }
        await aborted(signal)
        resolve()
        throw new RealmeshError('CANCELLED', 'gone')
      }
    })
    const response = await open(started.port, { body: { ...HELLO, stream: true } })
    await once(response, 'data')
    response.destroy()
    await cancelled
  })

  it('cancels the query when the client leaves before anything came', async () => {
    const asked = Promise.withResolvers<void>()
    const cancelled = new Promise<void>((resolve) => {
      started.node.script = async function* (_request, signal) {
        yield FAKE_START
        asked.resolve()
        await aborted(signal)
        resolve()
        throw new RealmeshError('CANCELLED', 'gone')
      }
    })
    const socket = connect(started.port, '127.0.0.1')
    const body = JSON.stringify(HELLO)
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${started.port}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    )
    await asked.promise
    socket.destroy()
    await cancelled
  })

  it('cancels all queries of a connection whose client leaves, those too that wait behind the first', async () => {
    const PIPELINED = 3
    const asked = Promise.withResolvers<void>()
    const cancelled = Promise.withResolvers<void>()
    let running = 0
    let gone = 0
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      running += 1
      if (running === PIPELINED) asked.resolve()
      await aborted(signal)
      gone += 1
      if (gone === PIPELINED) cancelled.resolve()
      throw new RealmeshError('CANCELLED', 'gone')
    }
    const socket = connect(started.port, '127.0.0.1')
    const body = JSON.stringify(HELLO)
    socket.write(
      (
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${started.port}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`
      ).repeat(PIPELINED),
    )
    await asked.promise
    socket.destroy()
    await cancelled.promise
  })

  it('goes on with a reader that has caught up after a burst larger than its socket', async () => {
    // Leaves at the end of its tick, when nobody waits for the socket any more.
    const burst = 'x'.repeat(MAX_PENDING_CHARS - 1_024)
    const caughtUp = Promise.withResolvers<void>()
    started.node.script = async function* () {
      yield FAKE_START
      yield { kind: 'text', text: burst }
      await caughtUp.promise
      yield { kind: 'text', text: 'more' }
      yield { kind: 'text', text: 'and more' }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const response = await open(started.port, { body: { ...HELLO, stream: true } })
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (piece: string) => {
      text += piece
      if (text.length >= burst.length) setImmediate(caughtUp.resolve)
    })
    await once(response, 'end')
    assert.ok(text.includes('and more') && text.includes('[DONE]'))
  })

  it('lets a running answer end while it stops, and takes no new one', async () => {
    const release = Promise.withResolvers<void>()
    started.node.script = async function* () {
      yield FAKE_START
      yield { kind: 'text', text: 'before' }
      await release.promise
      yield { kind: 'text', text: 'after' }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const response = await open(started.port, { body: { ...HELLO, stream: true } })
    const stopped = started.gateway.stop()
    await assert.rejects(send(started.port, { path: '/health' }), { code: 'ECONNREFUSED' })
    release.resolve()
    assert.match(await textOfStream(response), /before[\s\S]*after[\s\S]*\[DONE\]/)
    await stopped
  })

  it('does not wait for clients that keep a connection in reserve', async () => {
    const unused = connect(started.port, '127.0.0.1')
    await once(unused, 'connect')
    const agent = new Agent({ keepAlive: true })
    const call = request({ host: '127.0.0.1', port: started.port, path: '/health', agent }).end()
    const [response] = await once(call, 'response')
    await textOfStream(response)
    await started.gateway.stop()
  })

  it('cuts what does not end within the drain', async () => {
    const other = await startGateway({ drainMs: 1 })
    other.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'text', text: 'before' }
      await aborted(signal)
    }
    const response = await open(other.port, { body: { ...HELLO, stream: true } })
    await Promise.all([assert.rejects(textOfStream(response)), other.gateway.stop()])
  })

  it('keeps prompts and keys out of its log', async () => {
    const lines: string[] = []
    const keep = (fields: object, message: string): void => {
      lines.push(inspect(fields, { depth: 10 }), message)
    }
    const log: Logger = { debug: keep, info: keep, warn: keep, error: keep, isLevelEnabled: () => true }
    const noisy = await startGateway({ apiKeys: [{ hash: hashKey(KEY) }] }, { log })
    noisy.node.script = failing(new RealmeshError('INTERNAL', 'a bug'))
    const body = { messages: [{ role: 'user', content: 'canary-7f3a' }] }
    const headers = { authorization: `Bearer ${KEY}` }
    const failed = await send(noisy.port, { body, headers })
    await send(noisy.port, { body: { ...body, n: 'canary-7f3a' }, headers })
    await send(noisy.port, { body, headers: { authorization: 'Bearer canary-7f3a' } })
    await noisy.gateway.stop()
    assert.equal(failed.status, 500)
    assert.ok(lines.length > 0)
    assert.doesNotMatch(lines.join('\n') + failed.text, /canary-7f3a|sk-right/)
  })

  describe('with a key', () => {
    let locked: StartedGateway
    before(async () => {
      locked = await startGateway({ apiKeys: [{ hash: hashKey(KEY) }] })
    })
    after(() => locked.gateway.stop())

    for (const path of [
      '/v1/models',
      '/v1/models/tiny',
      '/api/status',
      '/api/peers',
      '/api/models',
      '/api/queries/q',
    ]) {
      it(`opens ${path} to the key only`, async () => {
        assert.equal((await send(locked.port, { path, method: 'GET' })).status, 401)
        assert.equal((await send(locked.port, { path, method: 'GET', headers: { 'x-api-key': 'no' } })).status, 401)
        assert.notEqual((await send(locked.port, { path, method: 'GET', headers: { 'x-api-key': KEY } })).status, 401)
      })
    }

    it('asks nothing of the node for a wrong key', async () => {
      const { status, text } = await send(locked.port, { body: HELLO, headers: { authorization: 'Bearer sk-wrong' } })
      assert.equal(status, 401)
      assert.equal(JSON.parse(text).error.code, 'invalid_api_key')
      assert.equal(locked.node.asked.length, 0)
    })

    it('knows the user by the key', async () => {
      await send(locked.port, { body: HELLO, headers: { authorization: `Bearer ${KEY}` } })
      assert.match(locked.node.asked[0]?.user ?? '', /^key-[0-9a-f]{16}$/)
    })

    it('knows other keys from the next request on, both ways', async () => {
      const statusOf = async (key: string): Promise<number> =>
        (await send(locked.port, { path: '/v1/models', method: 'GET', headers: { 'x-api-key': key } })).status
      assert.deepEqual([await statusOf(KEY), await statusOf('sk-new')], [200, 401])
      locked.gateway.takeKeys([{ hash: hashKey('sk-new') }])
      assert.deepEqual([await statusOf(KEY), await statusOf('sk-new')], [401, 200])
      locked.gateway.takeKeys([])
      assert.deepEqual([await statusOf(KEY), await statusOf('')], [200, 200], 'without keys, this machine may enter')
      locked.gateway.takeKeys([{ hash: hashKey(KEY) }])
      assert.equal(await statusOf(''), 401)
    })

    it('tells its health to everyone', async () => {
      assert.equal((await send(locked.port, { path: '/health', method: 'GET' })).status, 200)
    })
  })

  it('is unhealthy while the node drains', async () => {
    started.node.draining = true
    const { status, text } = await send(started.port, { path: '/health' })
    assert.equal(status, 503)
    assert.equal(JSON.parse(text).status, 'draining')
  })

  it('serves what the node tells of itself and no query, where it is told so', async () => {
    const { gateway: door, port } = await startGateway({ serves: 'state' })
    try {
      const statusOf = async (path: string): Promise<number> => (await send(port, { path })).status
      for (const path of ['/api/status', '/metrics']) assert.equal(await statusOf(path), 200, path)
      for (const path of ['/v1/models', '/api/tags', '/v1/messages', '/mcp', '/api/federation/status', '/ws']) {
        assert.equal(await statusOf(path), 404, path)
      }
      assert.equal(door.upgrades.size, 0)
    } finally {
      await door.stop()
    }
  })
})
