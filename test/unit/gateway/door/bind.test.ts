import assert from 'node:assert/strict'
import { assertMayBind, bindError, hostPort, isLoopbackHost } from '../../../../gateway/door/bind.ts'

describe('where the gateway may listen', () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['LocalHost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['', false],
    ['192.168.1.5', false],
    ['128.0.0.1', false],
    ['localhost.example.org', false],
    ['fe80::1', false],
  ]
  for (const [host, loopback] of rows) {
    it(`${host === '' ? 'an empty host' : host} is ${loopback ? '' : 'not '}loopback`, () => {
      assert.equal(isLoopbackHost(host), loopback)
    })
  }

  it('refuses the open network without a key and says what to do', () => {
    assert.throws(() => assertMayBind('0.0.0.0', 0), { code: 'BIND_REFUSED', fix: /keys add/ })
    assert.doesNotThrow(() => assertMayBind('0.0.0.0', 1))
    assert.doesNotThrow(() => assertMayBind('127.0.0.1', 0))
  })

  it('names the port that is taken, and the option that chooses another', () => {
    const error = bindError(Object.assign(new Error('in use'), { code: 'EADDRINUSE' }), '::1', 5000)
    assert.equal(error.code, 'PORT_IN_USE')
    assert.match(error.message, /\[::1\]:5000/)
    assert.match(error.fix ?? '', /--http/)
  })

  it('calls any other refusal of the system by its code', () => {
    const error = bindError(Object.assign(new Error('no'), { code: 'EACCES' }), '127.0.0.1', 80)
    assert.equal(error.code, 'BIND_REFUSED')
    assert.match(error.message, /EACCES/)
  })

  it('brackets IPv6 addresses', () => {
    assert.equal(hostPort('::1', 80), '[::1]:80')
    assert.equal(hostPort('127.0.0.1', 80), '127.0.0.1:80')
  })
})
