import assert from 'node:assert/strict'
import { parseEngineAddress, parseHostPort } from '../../../../config/forms/addresses.ts'

describe('addresses', () => {
  it('takes HOST:PORT in every form that a gateway can have', () => {
    assert.deepEqual(parseHostPort('127.0.0.1:0'), { host: '127.0.0.1', port: 0 })
    assert.deepEqual(parseHostPort('[::1]:5000'), { host: '::1', port: 5000 })
    assert.deepEqual(parseHostPort('rig.local:65535'), { host: 'rig.local', port: 65_535 })
    for (const bad of ['', '5000', ':5000', 'a:', 'a:65536', '::1:5000', 'http://a:1', 'a b:1']) {
      assert.equal(parseHostPort(bad), undefined, bad)
    }
  })

  it('takes KIND=URL and drops slashes at the end', () => {
    assert.deepEqual(parseEngineAddress('ollama=http://h:1//'), { kind: 'ollama', url: 'http://h:1' })
    for (const bad of [
      'ollama',
      'ollama=',
      'ollama=h:1',
      '=http://h',
      'OLLAMA=http://h',
      'olama=http://h',
      'builtin/guide=http://h',
      'ollama=ftp://h',
    ]) {
      assert.equal(parseEngineAddress(bad), undefined, bad)
    }
  })
})
