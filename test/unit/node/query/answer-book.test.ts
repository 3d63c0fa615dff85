import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { AnswerBook } from '../../../../node/query/answer-book.ts'
import { collect, textOf } from '../../../support/collect.ts'

const signal = new AbortController().signal
const KEY = { user: 'u', id: 'i', asked: ['chat', 'tiny', { messages: [] }] }

function saying(text: string): () => AsyncGenerator<QueryEvent> {
  return async function* () {
    yield { kind: 'text', text }
    yield { kind: 'end', finishReason: 'stop' }
  }
}

describe('AnswerBook', () => {
  it('gives the same answer to the same question under the same id', async () => {
    const book = new AnswerBook()
    assert.equal(textOf(await collect(book.join(KEY, saying('one')).read(signal))), 'one')
    assert.equal(textOf(await collect(book.join(KEY, saying('two')).read(signal))), 'one')
  })

  it('refuses another question under an id that is taken, while it runs and after it', async () => {
    const book = new AnswerBook()
    const first = book.join(KEY, saying('one'))
    const other = { ...KEY, asked: ['chat', 'tiny', { messages: ['other'] }] }
    assert.throws(() => book.join(other, saying('two')), { code: 'BAD_REQUEST' })
    await collect(first.read(signal))
    assert.throws(() => book.join(other, saying('two')), { code: 'BAD_REQUEST' })
  })

  it('keeps the same id of two users apart', async () => {
    const book = new AnswerBook()
    await collect(book.join(KEY, saying('one')).read(signal))
    assert.equal(textOf(await collect(book.join({ ...KEY, user: 'v' }, saying('two')).read(signal))), 'two')
  })

  it('begins anew for a client that comes back while the run it left is still being cancelled', async () => {
    const book = new AnswerBook()
    const letGo = new AbortController()
    const left = book.join(KEY, async function* () {
      yield { kind: 'text', text: 'lost' }
      await once(letGo.signal, 'abort')
    })
    const client = new AbortController()
    const reader = left.read(client.signal)
    await reader.next()
    client.abort()
    const again = book.join(KEY, saying('again'))
    letGo.abort()
    await reader.next().catch(() => {})
    assert.equal(textOf(await collect(again.read(signal))), 'again')
    assert.equal(textOf(await collect(book.join(KEY, saying('third')).read(signal))), 'again')
  })
})
