/** What is taken for a body, asked over HTTP: fastify's parser is part of it. */
import assert from 'node:assert/strict'
import { MAX_CHAT_MESSAGES, MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../../../../gateway/request/limits.ts'
import { sourceFiles } from '../../../support/source-tree.ts'
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
      [],
    )
  })
})
