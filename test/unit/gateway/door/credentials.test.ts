import assert from 'node:assert/strict'
import { carriedKey, hashKey, KeyRing } from '../../../../gateway/door/credentials.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

function ringOf(...keys: readonly string[]): KeyRing {
  return new KeyRing({ keys: keys.map((key) => ({ hash: hashKey(key) })), openWithoutKeys: true })
}

describe('credentials', () => {
  const carriers: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
    ['a bearer token', { authorization: 'Bearer sk-a' }, 'sk-a'],
    ['a bearer token in lower case', { authorization: 'bearer sk-a' }, 'sk-a'],
    ['x-api-key', { 'x-api-key': 'sk-a' }, 'sk-a'],
    ['the same key twice', { authorization: 'Bearer sk-a', 'x-api-key': 'sk-a' }, 'sk-a'],
    ['the subprotocol of a WebSocket', { 'sec-websocket-protocol': 'a, openai-insecure-api-key.sk-a' }, 'sk-a'],
    [
      'a header and a subprotocol that differ',
      { 'x-api-key': 'sk-b', 'sec-websocket-protocol': 'openai-insecure-api-key.sk-a' },
      undefined,
    ],
    ['other subprotocols', { 'sec-websocket-protocol': 'graphql-ws' }, undefined],
    ['two keys that differ', { authorization: 'Bearer sk-a', 'x-api-key': 'sk-b' }, undefined],
    ['a basic login', { authorization: 'Basic c2s6YQ==' }, undefined],
    ['an empty key', { 'x-api-key': '' }, undefined],
    ['nothing', {}, undefined],
  ]
  for (const [name, headers, key] of carriers) {
    it(`reads ${key === undefined ? 'no key' : 'the key'} from ${name}`, () => {
      assert.equal(carriedKey(headers), key)
    })
  }

  it('tells the users of two keys apart and refuses every other key', () => {
    const ring = ringOf('sk-a', 'sk-b')
    const a = ring.identify({ authorization: 'Bearer sk-a' })
    const b = ring.identify({ 'x-api-key': 'sk-b' })
    assert.notEqual(a, b)
    for (const headers of [{}, { 'x-api-key': 'sk-c' }, { authorization: 'Bearer sk-' }]) {
      assert.throws(() => ring.identify(headers), { code: 'UNAUTHORIZED' })
    }
  })

  it('never names a user by the key itself', () => {
    assert.doesNotMatch(ringOf('sk-secret').identify({ 'x-api-key': 'sk-secret' }), /secret/)
  })

  it('tells an expired key from a wrong one, to the one that has it', () => {
    const clock = new ManualClock(1_000)
    const init = { keys: [{ hash: hashKey('sk-a'), expiresMs: 2_000 }], openWithoutKeys: true }
    const ring = new KeyRing(init, { clock })
    assert.match(ring.identify({ 'x-api-key': 'sk-a' }), /^key-/)
    clock.advance(1_000)
    assert.throws(() => ring.identify({ 'x-api-key': 'sk-a' }), { code: 'UNAUTHORIZED', message: /expired/ })
    assert.throws(() => ring.identify({ 'x-api-key': 'sk-b' }), { code: 'UNAUTHORIZED', message: /wrong/ })
  })

  it('without keys takes whatever programs send by habit', () => {
    assert.equal(ringOf().identify({ authorization: 'Bearer sk-anything' }), 'local')
  })

  it('without keys refuses everyone but the owner where others than this machine can knock', () => {
    const ring = new KeyRing({ keys: [], owner: hashKey('token'), openWithoutKeys: false })
    assert.throws(() => ring.identify({}), { code: 'UNAUTHORIZED' })
    assert.equal(ring.identify({ authorization: 'Bearer token' }), 'local')
  })

  it('keeps the keys that it has when new ones are no hashes', () => {
    const ring = ringOf('sk-a')
    assert.throws(() => ring.replace([{ hash: 'sk-plain' }]), { code: 'CONFIG_INVALID' })
    assert.notEqual(ring.identify({ 'x-api-key': 'sk-a' }), 'local')
  })

  it('gives users a life that keys made, and takes no visitor for the user of a key that is gone', () => {
    const ring = ringOf('sk-a')
    const user = ring.identify({ 'x-api-key': 'sk-a' })
    assert.equal(ring.lifeOf(user)?.aborted, false)
    ring.replace([])
    assert.throws(() => ring.lifeOf(user), { code: 'KEY_REMOVED' })
    for (const other of ['local', '6f1ed002-ab55-4b2c-8f0a-1d7e7a1b2c3d', 'keyboard']) {
      assert.equal(ring.lifeOf(other), undefined)
    }
  })

  it('refuses whom the operator shut out, with a key or without, and knows who they are', () => {
    const banned = new Set(['local'])
    const ring = new KeyRing({ keys: [], openWithoutKeys: true }, { isBanned: (user) => banned.has(user) })
    assert.throws(() => ring.callerOf({}), { code: 'USER_BANNED' })
    ring.replace([{ hash: hashKey('sk-a') }])
    const headers = { 'x-api-key': 'sk-a' }
    banned.add(ring.callerOf(headers).user)
    assert.throws(() => ring.callerOf(headers), { code: 'USER_BANNED' })
    assert.match(ring.identify(headers), /^key-/)
  })

  it('refuses a stored hash that is none', () => {
    assert.throws(() => new KeyRing({ keys: [{ hash: 'sk-plain' }], openWithoutKeys: true }), {
      code: 'CONFIG_INVALID',
    })
  })
})
