import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { hashKey, KeyRing, userOfHash } from '../../../../gateway/door/credentials.ts'
import { MAX_NEW_VISITORS, VisitorBook } from '../../../../gateway/rentahal/visitors.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const KEY = 'sk-user'

function request(headers: IncomingMessage['headers'], remoteAddress = '127.0.0.1'): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage
}

function cookie(guid: string): IncomingMessage['headers'] {
  return { cookie: `a=b; user_guid=${guid}; c=d` }
}

describe('the visitors of a socket', () => {
  const clock = new ManualClock()
  const bookOf = (keys: readonly string[], open = false): VisitorBook => {
    const ring = new KeyRing(
      { keys: keys.map((key) => ({ hash: hashKey(key) })), openWithoutKeys: true, owner: hashKey('token') },
      { clock },
    )
    return new VisitorBook({ keys: ring, clock }, { open })
  }

  it('are who their cookie says where no key is needed', () => {
    const book = bookOf([])
    assert.equal(book.identify(request(cookie('me'))).guid, 'me')
    assert.equal(book.identify(request(cookie('me'))).isFresh, false)
    assert.equal(book.identify(request({})).isFresh, true)
    assert.notEqual(book.identify(request({})).guid, book.identify(request({})).guid)
  })

  for (const bad of ['', 'local', 'key-0123', 'a b', 'a/b', '../x', 'ü', 'x'.repeat(129), '"me"']) {
    it(`are new where the cookie says ${JSON.stringify(bad.slice(0, 20))}`, () => {
      assert.equal(bookOf([]).identify(request(cookie(bad))).isFresh, true)
    })
  }

  it('are the user of their key where keys exist, and the operator where they carry the token', () => {
    const book = bookOf([KEY])
    const carried = { ...cookie('me'), authorization: `Bearer ${KEY}` }
    assert.equal(book.identify(request(carried)).guid, userOfHash(hashKey(KEY)))
    assert.equal(book.identify(request({ ...cookie('me'), 'x-api-key': 'token' })).guid, 'local')
    assert.throws(() => book.identify(request(cookie('me'))), { code: 'UNAUTHORIZED' })
  })

  it('may become sysop from this machine only, with no key and no proxy between', () => {
    assert.equal(bookOf([]).identify(request(cookie('me'))).isLocal, true)
    assert.equal(bookOf([]).identify(request(cookie('me'), '192.168.1.9')).isLocal, false)
    assert.equal(bookOf([KEY]).identify(request({ 'x-api-key': KEY })).isLocal, false)
    assert.equal(bookOf([KEY], true).identify(request(cookie('me'))).isLocal, false)
    assert.equal(bookOf([], true).identify(request({ ...cookie('me'), 'x-forwarded-for': '127.0.0.1' })).isLocal, false)
  })

  it('are so many of one address in an hour, of whichever address of its network', () => {
    const book = bookOf([KEY], true)
    for (let count = 0; count < MAX_NEW_VISITORS; count += 1)
      book.identify(request(cookie(`v-${count}`), '2001:db8::1'))
    const more = (address: string) => book.identify(request(cookie('more'), address))
    assert.throws(() => more('2001:db8::2'), { code: 'REALM_OVERLOADED' })
    assert.equal(book.identify(request(cookie('v-3'), '2001:db8::9')).guid, 'v-3')
    assert.equal(more('192.0.2.1').scopeLimit, 'home')
    clock.advance(3_600_000)
    assert.equal(more('2001:db8::2').guid, 'more')
  })
})
