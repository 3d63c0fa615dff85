/** What is taken for a body, asked over HTTP: fastify's parser is part of it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text as textOfStream } from 'node:stream/consumers'
import { MAX_CHAT_MESSAGES, MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../../../../gateway/request/limits.ts'
import { sourceFiles } from '../../../support/source-tree.ts'
import { HELLO, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

/** What a form or a beacon of a page may be sent as without asking first. */
const PLAIN = ['text/plain', 'application/x-www-form-urlencoded']
const BROWSER = [
  ['origin', 'http://127.0.0.1:PORT'],
  ['referer', 'https://evil.example/'],
  ['sec-fetch-site', 'none'],
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0)'],
  ['cookie', 'a=b'],
] as const

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('a body', () => {
  let started: StartedGateway
  before(async () => {
    started = await startGateway()
  })
  after(() => started.gateway.stop())

  const ask = async (body: string, type = 'application/json'): Promise<readonly [number, string]> => {
    const { status, text } = await send(started.port, { body, headers: { 'content-type': type } })
    return [status, JSON.parse(text).error.message]
  }

  for (const type of PLAIN) {
    for (const [header, value] of BROWSER) {
      it(`is refused as ${type} with ${header}, since a page of another origin could send it`, async () => {
        const headers = { 'content-type': type, [header]: value.replace('PORT', String(started.port)) }
        const { status, text } = await send(started.port, { body: '{}', headers })
        assert.equal(status, 415)
        assert.match(JSON.parse(text).error.message, /content-type: application\/json/)
      })
    }
  }

  it('is never a form with files', async () => {
    assert.equal((await ask('{}', 'multipart/form-data; boundary=x'))[0], 415)
  })

  for (const type of [...PLAIN, 'application/vnd.api+json', 'text/json', 'Application/JSON ; charset=utf-8']) {
    it(`is JSON as ${type === '' ? 'no type at all' : type} of a program that is no browser`, async () => {
      const { status } = await send(started.port, { body: HELLO, headers: { 'content-type': type } })
      assert.equal(status, type === '' ? 415 : 200)
    })
  }

  it('is JSON without a type', async () => {
    const text = JSON.stringify(HELLO)
    const call = request({ host: '127.0.0.1', port: started.port, method: 'POST', path: '/v1/chat/completions' })
    const [response]: IncomingMessage[] = await once(call.end(text), 'response')
    assert.equal(response?.statusCode, 200)
    response?.resume()
  })

  it('may say which charset it is in', async () => {
    const [status, message] = await ask('{"messages":7}', 'application/json; charset=utf-8')
    assert.deepEqual([status, message.startsWith('messages: ')], [400, true])
  })

  for (const body of ['', '{', 'null {', '{"a":1}trailing']) {
    it(`is refused when it is ${JSON.stringify(body)}`, async () => {
      assert.equal((await ask(body))[0], 400)
    })
  }

  it('is refused when it is not UTF-8, instead of losing letters', async () => {
    const text = JSON.stringify({ ...HELLO, messages: [{ role: 'user', content: 'Grüße' }] })
    const head = ['POST /v1/chat/completions HTTP/1.1', `host: 127.0.0.1:${started.port}`, 'connection: close']
    const lines = [...head, 'content-type: application/json', `content-length: ${text.length}`, '', text]
    const socket = connect(started.port, '127.0.0.1').end(Buffer.from(lines.join('\r\n'), 'latin1'))
    assert.match(await textOfStream(socket), /^HTTP\/1\.1 400 [\s\S]*the body is not UTF-8/)
  })

  for (const body of ['{"__proto__":{}}', '{"constructor":{"prototype":{}}}', '{"a":{"__proto__":1}}']) {
    it(`loses what would reach a prototype in ${body}`, async () => {
      const [status, message] = await ask(body)
      assert.deepEqual([status, message.startsWith('messages: ')], [400, true])
      assert.equal(({} as { a?: unknown }).a, undefined)
    })
  }

  it(`is refused beyond ${MAX_JSON_DEPTH} levels, and not before`, async () => {
    const depth = async (levels: number) => (await ask(`{"tools":${nested(levels - 1)}}`))[1]
    assert.match(await depth(MAX_JSON_DEPTH + 1), /nested deeper/)
    assert.doesNotMatch(await depth(MAX_JSON_DEPTH), /nested deeper/)
  })

  it('is refused for its number of values before one of them is made', async () => {
    const bomb = `{"messages":[${Array(MAX_JSON_VALUES).fill('{}').join(',')}`
    assert.match((await ask(bomb))[1], /more than 131072 values/, 'which is not even JSON')
  })

  it('is refused for the length of a list, not for its items', async () => {
    const message = (
      await ask(
        `{"messages":[${Array(MAX_CHAT_MESSAGES + 1)
          .fill('{}')
          .join(',')}]}`,
      )
    )[1]
    assert.match(message, /^messages: expected at most 16384 items, received 16385/)
  })
})

describe('the schemas of the gateway', () => {
  it('have no list that is looked at before it is measured', () => {
    const unmeasured = sourceFiles(['gateway']).filter(({ text }) =>
      /z\.array\(|\.array\(\)|z\.(?:set|map|tuple)\(/.test(text),
    )
    assert.deepEqual(
      unmeasured.map(({ path }) => path),
      ['gateway/described/notes/answers.ts', 'gateway/mcp/tools/outputs.ts'], // which our own answers are held against
    )
  })
})
