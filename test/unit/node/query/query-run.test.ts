import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { type ImagePart, imagesOf, MAX_IMAGES } from '../../../../core/query/chat-text.ts'
import type { Query, TokensBody } from '../../../../core/query/query.ts'
import type { RouteReceipt } from '../../../../core/query/receipt.ts'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import type { RouteQuery } from '../../../../node/route/route-journal.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { photo, tellsMore } from '../../../support/picture.ts'
import { chatQuery } from '../../../support/query.ts'
import { end, run, scripted, start, text } from '../../../support/query-run.ts'

describe('QueryRun', () => {
  let image: ImagePart
  before(async () => {
    image = await photo()
  })

  describe('of tokens', () => {
    const { type: _, body: __, ...envelope } = chatQuery()
    const tokens = (body: TokensBody): Query => ({ ...envelope, type: 'tokens', body })
    const chat = { messages: [{ role: 'user', content: 'hello there' }] } as const

    it('is an estimate, which says so, where no tokenizer is within reach', async () => {
      for (const code of ['CAPABILITY_MISSING', 'NO_WORKER', 'REALM_OVERLOADED', 'PEER_LOST'] as const) {
        const { events, receipts } = run(scripted([code]).route, tokens({ chat }))
        const [first, last] = await collect(events)
        assert.deepEqual(first, { kind: 'tokens', count: 11, estimated: true })
        assert.ok(last?.kind === 'end' && last.usage === undefined)
        assert.equal(receipts[0]?.outcome, 'served')
      }
    })

    it('fails where its tokens themselves are wanted, and for what no number may hide', async () => {
      const asks: [TokensBody, ErrorCode][] = [
        [{ text: 'a', detail: 'ids' }, 'NO_WORKER'],
        [{ ids: [1] }, 'NO_WORKER'],
        [{ chat }, 'MODEL_NOT_FOUND'],
        [{ chat }, 'SCOPE_REFUSED'],
      ]
      for (const [body, code] of asks) {
        await assert.rejects(collect(run(scripted([code]).route, tokens(body)).events), { code })
      }
    })
  })

  it('ends with the receipt, which it tells, and accounts for what the client saw', async () => {
    const { events, receipts, account } = run(scripted([start('a'), text('hi'), end(1, 1)]).route)
    const last = (await collect(events)).at(-1)
    const receipt = last?.kind === 'end' ? last.receipt : undefined
    assert.equal(receipt?.outcome, 'served')
    assert.deepEqual([receipts, account], [[receipt], ['start', 'text', receipt]])
  })

  it('begins nothing, and tells nothing, while it is not read', async () => {
    const { events, receipts, begun } = run(scripted([text('hi'), end(1, 1)]).route)
    await events.return(undefined)
    assert.deepEqual([begun(), receipts], [0, []])
  })

  it('listens to its client from the first pull to its end only', async () => {
    const { signal } = new AbortController()
    const { events } = run(scripted([text('hi'), end(1, 1)]).route, chatQuery(), { signal })
    const listeners = [getEventListeners(signal, 'abort').length]
    await events.next()
    listeners.push(getEventListeners(signal, 'abort').length)
    await events.return(undefined)
    listeners.push(getEventListeners(signal, 'abort').length)
    assert.deepEqual(listeners, [0, 1, 0])
  })

  it('tells why it failed, and that it was cancelled when its reader leaves', async () => {
    const failed = run(scripted(['NO_WORKER']).route)
    await assert.rejects(collect(failed.events), { code: 'NO_WORKER' })
    const left = run(scripted([text('hi'), end(1, 1)]).route)
    for await (const _ of left.events) break
    assert.deepEqual(
      [...failed.receipts, ...left.receipts].map(({ outcome }) => outcome),
      ['NO_WORKER', 'cancelled'],
    )
  })

  it('lets only the pixels of pictures leave the door, also when the answer goes on elsewhere, and all that a query may have', async () => {
    const content = Array.from({ length: MAX_IMAGES }, () => image)
    const query = chatQuery({ type: 'vision', body: { messages: [{ role: 'user', content }] } })
    const { route, asked } = scripted([start('a'), text('a '), 'PEER_LOST'], [start('b'), text('cat'), end(1, 1)])
    assert.equal(textOf(await collect(run(route, query).events)), 'a cat')
    for (const { body } of asked) {
      const images = body.messages.flatMap(imagesOf)
      assert.equal(images.length, MAX_IMAGES)
      for (const each of images) assert.equal(await tellsMore(each), false)
    }
    assert.equal(asked.length, 2)
  })

  it('refuses what is no picture before any place is asked', async () => {
    const content = [{ ...image, data: Buffer.from('<svg/>').toString('base64') }]
    const query = chatQuery({ type: 'vision', body: { messages: [{ role: 'user', content }] } })
    const { route, asked } = scripted([text('never')])
    const { events, receipts } = run(route, query)
    await assert.rejects(collect(events), { code: 'BAD_REQUEST' })
    assert.deepEqual([asked, receipts.map(({ outcome }) => outcome)], [[], ['BAD_REQUEST']])
  })

  it('says that the client has gone, whatever error that brought about below', async () => {
    const abort = new AbortController()
    const route: RouteQuery = async function* () {
      yield text('hi')
      abort.abort()
      throw new RealmeshError('PEER_LOST', 'the lane was reset')
    }
    const { events, receipts } = run(route, chatQuery(), { signal: abort.signal })
    await assert.rejects(collect(events), { code: 'CANCELLED' })
    assert.equal(receipts[0]?.outcome, 'cancelled')
  })

  it('is among those that run until it ends, and tells who serves it', async () => {
    const { events, running } = run(scripted([start('a'), text('hi'), end(1, 1)]).route)
    const seen: unknown[] = []
    for await (const _ of events) seen.push([...running.all()].map(({ query, servedBy }) => [query.id, servedBy]))
    const { id } = chatQuery()
    assert.deepEqual(seen, [[[id, 'node-1']], [[id, 'node-1']], [[id, 'node-1']]])
    assert.deepEqual([...running.all()], [])
  })

  it('ends with what the operator says, and not elsewhere', async () => {
    const route: RouteQuery = async function* (_query, { signal }) {
      yield text('hi')
      if (signal.aborted) throw new Error('it broke')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('it broke'))))
    }
    const { events, running, receipts } = run(route)
    const got: string[] = []
    const reading = (async () => {
      for await (const { kind } of events) {
        got.push(kind)
        running.end(() => true, new RealmeshError('TERMINATED', 'the operator ended it'))
      }
    })()
    await assert.rejects(reading, { code: 'TERMINATED' })
    assert.deepEqual([got, receipts.map(({ outcome }) => outcome)], [['text'], ['TERMINATED']])
    assert.deepEqual([...running.all()], [])
  })

  it('waits for what says who is banned, and asks no place for those', async () => {
    const opened = Promise.withResolvers<void>()
    let banned = false
    const users = { opening: opened.promise, isBanned: () => banned }
    const { route, asked } = scripted([text('hi'), end(1, 1)])
    const refused = collect(run(route, chatQuery(), {}, undefined, users).events)
    banned = true
    opened.resolve()
    await assert.rejects(refused, { code: 'USER_BANNED' })
    assert.deepEqual(asked, [])
  })

  it('tells what becomes of it, one line per decision, and nothing of what was said', async () => {
    const { route } = scripted([start('a'), text('secret'), 'PEER_LOST'], [start('b'), text('more'), end(1, 1)])
    const { events, lines } = run(route, chatQuery({ body: { messages: [{ role: 'user', content: 'secret' }] } }))
    await collect(events)
    assert.deepEqual(
      lines.map(([message, { query }]) => [message, query]),
      [
        ['accepted', 'q-1'],
        ['the answer broke: its rest is asked for elsewhere', 'q-1'],
        ['served', 'q-1'],
      ],
    )
    assert.doesNotMatch(JSON.stringify(lines), /secret/)
  })

  it('keeps no account of a query of a batch for which nothing was idle', async () => {
    const query = chatQuery({ priority: 'batch' })
    const told: boolean[] = []
    const more = { onEnded: (_: RouteReceipt, begun: boolean) => told.push(begun) }
    const refused = run(scripted(['REALM_OVERLOADED']).route, query, more)
    await assert.rejects(collect(refused.events), { code: 'REALM_OVERLOADED' })
    assert.deepEqual(refused.account, [])
    const ended = run(scripted([start('n'), 'REALM_OVERLOADED']).route, query, more)
    await assert.rejects(collect(ended.events), { code: 'REALM_OVERLOADED' })
    assert.equal(ended.account.length, 2)
    const other = run(scripted(['REALM_OVERLOADED']).route, chatQuery(), more)
    await assert.rejects(collect(other.events), { code: 'REALM_OVERLOADED' })
    assert.equal(other.account.length, 1)
    assert.deepEqual(told, [false, true, true])
  })
})
