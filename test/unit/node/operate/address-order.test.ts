import assert from 'node:assert/strict'
import { byUse, forOthers } from '../../../../node/operate/address-order.ts'

const at = (host: string): string => `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/4501/p2p/12D3KooWx`
const LOOPBACK = at('127.0.0.1')
const ALL = [
  LOOPBACK,
  at('::1'),
  at('203.0.113.7'),
  at('172.17.0.1'),
  at('192.168.1.10'),
  at('fe80::1'),
  at('10.0.0.2'),
]

describe('addresses of a node', () => {
  it('stand in the order in which they help others: the local network first, this machine last', () => {
    assert.deepEqual(byUse(ALL), [
      at('192.168.1.10'),
      at('10.0.0.2'),
      at('172.17.0.1'),
      at('203.0.113.7'),
      LOOPBACK,
      at('::1'),
      at('fe80::1'),
    ])
  })

  it('for others leave out what only this machine can dial, unless that is all', () => {
    assert.deepEqual(forOthers([LOOPBACK, at('192.168.1.10')]), [at('192.168.1.10')])
    assert.deepEqual(forOthers([LOOPBACK]), [LOOPBACK])
    assert.deepEqual(forOthers(['/dns4/rig.example/tcp/4501']), ['/dns4/rig.example/tcp/4501'])
  })
})
