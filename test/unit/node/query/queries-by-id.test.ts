import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import type { Scope } from '../../../../core/scope.ts'
import { MAX_RECEIPTS, QueriesById } from '../../../../node/query/queries-by-id.ts'
import { RouteJournal } from '../../../../node/route/route-journal.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const RECEIPT = new RouteJournal(chatQuery(), new ManualClock()).receipt('served')
const signal = new AbortController().signal
const KEY = { user: 'u', id: 'i' }
const ASKED = ['chat', 'tiny', { messages: [] }]

function saying(text: string): () => AsyncGenerator<QueryEvent> {
  return async function* () {
    yield { kind: 'text', text }
    yield { kind: 'end', finishReason: 'stop' }
  }
}

describe('QueriesById', () => {
  it('gives the same answer to the same question under the same id', async () => {
    const book = new QueriesById()
    assert.equal(textOf(await collect(book.join(KEY, ASKED, saying('one')).read(signal))), 'one')
    assert.equal(textOf(await collect(book.join(KEY, ASKED, saying('two')).read(signal))), 'one')
  })

  it('refuses another question under an id that is taken, while it runs and after it', async () => {
    const book = new QueriesById()
    const first = book.join(KEY, ASKED, saying('one'))
    const other = ['chat', 'tiny', { messages: ['other'] }]
    assert.throws(() => book.join(KEY, other, saying('two')), { code: 'BAD_REQUEST' })
    await collect(first.read(signal))
    assert.throws(() => book.join(KEY, other, saying('two')), { code: 'BAD_REQUEST' })
  })

  it('keeps the same id of two users apart', async () => {
    const book = new QueriesById()
    await collect(book.join(KEY, ASKED, saying('one')).read(signal))
    assert.equal(textOf(await collect(book.join({ ...KEY, user: 'v' }, ASKED, saying('two')).read(signal))), 'two')
  })

  it('gives no user what is of another, however they are called', async () => {
    const book = new QueriesById()
    await collect(book.join({ user: 'u\nv', id: 'i' }, ASKED, saying('one')).read(signal))
    assert.equal(textOf(await collect(book.join({ user: 'u', id: 'v\ni' }, ASKED, saying('two')).read(signal))), 'two')
    book.keepReceipt('u\nv', { ...RECEIPT, id: 'theirs' })
    for (const id of ['v\ntheirs', 'v\nthe', 'last', 'v\nlast', 'theirs']) {
      assert.equal(book.receipt({ user: 'u', id }), undefined, id)
    }
    book.keepReceipt('u', { ...RECEIPT, id: 'v\ntheirs' })
    assert.equal(book.receipt({ user: 'u\nv', id: 'theirs' })?.id, 'theirs')
  })

  it('begins anew for a client that comes back while the run it left is still being cancelled', async () => {
    const book = new QueriesById()
    const letGo = new AbortController()
    const left = book.join(KEY, ASKED, async function* () {
      yield { kind: 'text', text: 'lost' }
      await once(letGo.signal, 'abort')
    })
    const client = new AbortController()
    const reader = left.read(client.signal)
    await reader.next()
    client.abort()
    const again = book.join(KEY, ASKED, saying('again'))
    letGo.abort()
    await reader.next().catch(() => {})
    assert.equal(textOf(await collect(again.read(signal))), 'again')
    assert.equal(textOf(await collect(book.join(KEY, ASKED, saying('third')).read(signal))), 'again')
  })

  it('finds a receipt by the beginning of its id where that is one, and the last one by that word', () => {
    const book = new QueriesById()
    for (const id of ['abcd-1', 'abcd-2', 'efgh-1']) book.keepReceipt('u', { ...RECEIPT, id })
    const found = (id: string, user = 'u'): string | undefined => book.receipt({ user, id })?.id
    assert.deepEqual(
      ['efgh', 'abcd-2', 'abcd', 'efg', '', 'last'].map((id) => found(id)),
      ['efgh-1', 'abcd-2', undefined, undefined, undefined, 'efgh-1'],
    )
    assert.equal(found('last', 'v'), undefined)
  })

  it('keeps the receipts of its users apart, also under the same id, and only the latest', () => {
    const book = new QueriesById()
    const receipt = (id: string, scope: Scope) => ({ ...RECEIPT, id, scope })
    book.keepReceipt('u', receipt('i', 'home'))
    book.keepReceipt('v', receipt('i', 'public'))
    assert.deepEqual([book.receipt(KEY)?.scope, book.receipt({ ...KEY, user: 'v' })?.scope], ['home', 'public'])
    assert.equal(book.receipt({ ...KEY, user: 'w' }), undefined)
    for (let i = 0; i < MAX_RECEIPTS; i += 1) book.keepReceipt('v', receipt(`other ${i}`, 'home'))
    assert.equal(book.receipt(KEY), undefined)
  })
})
