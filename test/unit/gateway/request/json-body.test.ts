/** What is taken for a body, asked over HTTP: fastify's parser is part of it. */
import assert from 'node:assert/strict'
import { MAX_JSON_DEPTH } from '../../../../gateway/request/limits.ts'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

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

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    it(`is refused as ${type}, which a page of another origin could send`, async () => {
      assert.equal((await ask('{}', type))[0], 415)
    })
  }

  it('may say which charset it is in', async () => {
    const [status, message] = await ask('{"messages":7}', 'application/json; charset=utf-8')
    assert.deepEqual([status, message.startsWith('messages: ')], [400, true])
  })

  for (const body of ['', '{', 'null {', '{"a":1}trailing']) {
    it(`is refused when it is ${JSON.stringify(body)}`, async () => {
      assert.equal((await ask(body))[0], 400)
    })
  }

  for (const body of ['{"__proto__":{}}', '{"constructor":{"prototype":{}}}', '{"a":{"__proto__":1}}']) {
    it(`reaches no prototype by ${body}`, async () => {
      const [status, message] = await ask(body)
      assert.deepEqual([status, message.includes('not valid JSON')], [400, true])
    })
  }

  it(`is refused beyond ${MAX_JSON_DEPTH} levels, and not before`, async () => {
    const depth = async (levels: number) => (await ask(`{"tools":${nested(levels - 1)}}`))[1]
    assert.match(await depth(MAX_JSON_DEPTH + 1), /nested deeper/)
    assert.doesNotMatch(await depth(MAX_JSON_DEPTH), /nested deeper/)
  })
})
