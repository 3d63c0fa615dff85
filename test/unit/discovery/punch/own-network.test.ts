import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { ownNetworkOf } from '../../../../discovery/punch/own-network.ts'

function info(address: string, rest: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo {
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  return { address, family, internal: false, netmask: '', mac: '', cidr: null, ...rest } as NetworkInterfaceInfo
}

describe('the own network', () => {
  it('is told by the addresses of all interfaces, in whatever order, without loopback and link-local', () => {
    const lo = [info('127.0.0.1', { internal: true })]
    const eth = [info('192.168.1.10'), info('fe80::1'), info('169.254.3.4')]
    assert.equal(ownNetworkOf({ lo, eth, wifi: [info('10.0.0.2')] }), '10.0.0.2 192.168.1.10')
    assert.equal(ownNetworkOf({ wifi: [info('10.0.0.2')], eth, lo }), '10.0.0.2 192.168.1.10')
  })

  it('stays the same when the lower half of an IPv6 address is drawn anew', () => {
    const at = (...addresses: string[]): string => ownNetworkOf({ eth: addresses.map((address) => info(address)) })
    assert.equal(at('2001:db8:1:2:3:4:5:6'), at('2001:db8:1:2:aaaa:bbbb:cccc:dddd'))
    assert.equal(at('fd00::2'), at('fd00::3'))
    assert.notEqual(at('2001:db8:1:2:3:4:5:6'), at('2001:db8:1:3:3:4:5:6'))
  })

  it('is none while there is no interface', () => assert.equal(ownNetworkOf({}), ''))
})
