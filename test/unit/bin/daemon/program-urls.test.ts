import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { programUrls } from '../../../../bin/daemon/program-urls.ts'

const OWN = 'http://127.0.0.1:5000'
const face = (address: string, internal: boolean): NetworkInterfaceInfo => ({
  address,
  internal,
  family: 'IPv4',
  netmask: '255.255.255.0',
  mac: '00:00:00:00:00:00',
  cidr: null,
})
const INTERFACES = { lo: [face('127.0.0.1', true)], eth0: [face('192.168.1.10', false)], gone: undefined }

describe('programUrls', () => {
  it('names every address of the machine where the gateway listens on all, those for others first', () => {
    assert.deepEqual(programUrls(OWN, '0.0.0.0', INTERFACES), ['http://192.168.1.10:5000', OWN])
  })

  it('keeps scheme and port, the usual one of the scheme too, which URLs leave out', () => {
    const [other] = programUrls('https://127.0.0.1:443', '0.0.0.0', INTERFACES)
    assert.equal(other, 'https://192.168.1.10:443')
    assert.equal(programUrls('http://127.0.0.1:80', '0.0.0.0', INTERFACES)[0], 'http://192.168.1.10:80')
  })

  it('names networks within the machine after those of others', () => {
    const interfaces = { docker0: [face('172.17.0.1', false)], ...INTERFACES }
    const urls = programUrls(OWN, '0.0.0.0', interfaces)
    assert.deepEqual(urls, ['http://192.168.1.10:5000', 'http://172.17.0.1:5000', OWN])
  })

  it('names IPv6 only where there is no IPv4 and it is listened for, and never what holds within one link', () => {
    const six = (address: string): NetworkInterfaceInfo => ({ ...face(address, false), family: 'IPv6', scopeid: 0 })
    const eth0 = [six('fe80::1'), six('2001:db8::5')]
    assert.deepEqual(programUrls(OWN, '::', { eth0 }), ['http://[2001:db8::5]:5000', OWN])
    assert.deepEqual(programUrls(OWN, '0.0.0.0', { eth0 }), [OWN])
    assert.deepEqual(programUrls(OWN, '::', { eth0: [...eth0, face('10.0.0.5', false)] }), [
      'http://10.0.0.5:5000',
      OWN,
    ])
  })

  it('names the one address where it listens on one', () => {
    assert.deepEqual(programUrls(OWN, '127.0.0.1', INTERFACES), [OWN])
    assert.deepEqual(programUrls('http://192.168.1.10:5000', '192.168.1.10', INTERFACES), ['http://192.168.1.10:5000'])
  })
})
