import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { BodyBudget, type BodyShare, UNCOUNTED_BYTES } from '../../../../gateway/request/body-budget.ts'
import { countBody, readBody } from '../../../../gateway/request/read-body.ts'

const LARGE = UNCOUNTED_BYTES + 1_000

describe('the memory for all bodies', () => {
  let budget: BodyBudget
  beforeEach(() => {
    budget = new BodyBudget({ maxBytes: 2_500 })
  })

  function client(): { readonly share: BodyShare; readonly leave: () => void } {
    const response = Object.assign(new EventEmitter(), { closed: false })
    return { share: budget.shareOf(response as never), leave: () => void response.emit('close') }
  }

  it('is bounded, and given back with each answer', () => {
    const [one, two, three] = [client(), client(), client()]
    one.share.take(LARGE)
    two.share.take(LARGE)
    assert.throws(() => three.share.take(LARGE), { code: 'REALM_OVERLOADED', status: 503, retryable: true })
    assert.equal(budget.held, 2_000)
    one.leave()
    three.share.take(LARGE)
    two.leave()
    three.leave()
    assert.equal(budget.held, 0)
  })

  it('is given back in part, and never more than was taken', () => {
    const { share, leave } = client()
    share.take(LARGE + 1_000)
    share.give(500)
    assert.equal(budget.held, 1_500)
    share.give(LARGE * 2)
    assert.equal(budget.held, 0)
    share.take(LARGE)
    leave()
    share.give(LARGE)
    assert.equal(budget.held, 0)
  })

  it('has always room for small ones', () => {
    client().share.take(UNCOUNTED_BYTES + 2_500)
    for (let i = 0; i < 100; i++) client().share.take(UNCOUNTED_BYTES)
    assert.throws(() => client().share.take(UNCOUNTED_BYTES + 1), { code: 'REALM_OVERLOADED' })
  })

  it('counts what has come, not what was announced, and nothing once the client is gone', () => {
    const { share, leave } = client()
    for (const bytes of [UNCOUNTED_BYTES - 100, 200, 300]) share.take(bytes)
    assert.equal(budget.held, 400)
    leave()
    share.take(LARGE)
    assert.equal(budget.held, 0)
  })

  function request(headers: Record<string, string>): IncomingMessage {
    const message = new IncomingMessage(new Socket())
    Object.assign(message.headers, headers)
    countBody(budget, message, new ServerResponse(message))
    return message
  }

  it('refuses a body in the middle, and keeps nothing of it', async () => {
    const message = request({})
    const body = readBody(message)
    message.emit('data', Buffer.alloc(UNCOUNTED_BYTES))
    message.emit('data', Buffer.alloc(3_000))
    await assert.rejects(body, { code: 'REALM_OVERLOADED', status: 503 })
    assert.equal(message.listenerCount('data'), 0)
  })

  it('counts what a body unfolds to', async () => {
    const message = request({ 'content-encoding': 'gzip' })
    const body = readBody(message)
    message.emit('data', gzipSync(Buffer.alloc(UNCOUNTED_BYTES + 3_000)))
    message.emit('end')
    await assert.rejects(body, { code: 'REALM_OVERLOADED' })
  })
})
