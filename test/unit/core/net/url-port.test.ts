import assert from 'node:assert/strict'
import { portOf } from '../../../../core/net/url-port.ts'

describe('the port of an address', () => {
  const ports: readonly (readonly [string, number])[] = [
    ['http://127.0.0.1:5000', 5000],
    ['http://127.0.0.1:80', 80],
    ['https://127.0.0.1:443', 443],
    ['https://[::1]:8443', 8443],
    ['https://rig.lan', 443],
  ]
  for (const [address, port] of ports) {
    it(`is ${port} in ${address}`, () => {
      assert.equal(portOf(address), port)
    })
  }
})
