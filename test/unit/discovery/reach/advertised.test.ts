import assert from 'node:assert/strict'
import type { NetworkInterfaceInfo } from 'node:os'
import { multiaddr } from '@multiformats/multiaddr'
import { type AdvertisedInit, advertised, containerHosts } from '../../../../discovery/reach/advertised.ts'

const SELF = '12D3KooWEUDURgkzPBQNdfrwbdsVVPRUdvUgYYwJqZM2tSUWZ6a2'
const RELAY = '12D3KooWCvMWDP4TzYiMTLAiEt1awN9KnpEkYZuyEyPdJqWbaQzf'
const SEAT = `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}/p2p-circuit`
const LAN = '/ip4/192.168.1.10/tcp/4501'
const DOCKER = '/ip4/172.17.0.1/tcp/4501'
const LOOPBACK = '/ip4/127.0.0.1/tcp/4501'
const PUBLIC = '/ip4/198.51.100.7/tcp/4501'

function given(own: readonly string[], init: Partial<AdvertisedInit> = {}): readonly string[] {
  return advertised({
    own: own.map((text) => multiaddr(text)),
    containers: new Set(['172.17.0.1']),
    confirmed: [],
    seats: [],
    dialable: () => 'unknown',
    self: SELF,
    ...init,
  }).map((address) => address.toString().replace(`/p2p/${SELF}`, ''))
}

describe('addresses that are given to others', () => {
  it('are none of this machine alone and none of its containers, where there are others', () => {
    assert.deepEqual(given([LOOPBACK, DOCKER, LAN]), [LAN])
    assert.deepEqual(given([LOOPBACK]), [LOOPBACK], 'a node that others on this machine meet')
    assert.deepEqual(given([LOOPBACK, DOCKER]), [LOOPBACK, DOCKER])
  })

  it('are public ones unless others could not dial there', () => {
    assert.deepEqual(given([LAN, PUBLIC]), [PUBLIC, LAN])
    assert.deepEqual(given([LAN, PUBLIC], { dialable: (zone) => (zone === 'public' ? 'no' : 'yes') }), [LAN])
  })

  it('are those at which it was dialled first, then relays, then the local network; each once', () => {
    const init = { confirmed: [multiaddr(PUBLIC)], seats: [multiaddr(SEAT)] }
    assert.deepEqual(given([LAN, PUBLIC], init), [PUBLIC, SEAT, LAN])
  })

  it('are seats of the node itself, and none that libp2p took', () => {
    assert.deepEqual(given([LAN, SEAT]), [LAN])
    assert.deepEqual(given([], { seats: [multiaddr(SEAT)] }), [SEAT])
  })

  it('name the node, once', () => {
    const [address] = advertised({
      own: [multiaddr(`${LAN}/p2p/${SELF}`)],
      containers: new Set(),
      confirmed: [],
      seats: [],
      dialable: () => 'yes',
      self: SELF,
    })
    assert.equal(address?.toString(), `${LAN}/p2p/${SELF}`)
  })

  it('of containers are told by the names of their interfaces', () => {
    const at = (address: string): NetworkInterfaceInfo[] => [{ address } as NetworkInterfaceInfo]
    const found = containerHosts({
      docker0: at('172.17.0.1'),
      'br-5d0c': at('172.18.0.1'),
      eth0: at('172.19.0.2'),
      tailscale0: at('100.64.0.7'),
      veth12ab: at('169.254.3.4'),
      bridge0: at('192.168.1.10'),
    })
    assert.deepEqual([...found].toSorted(), ['169.254.3.4', '172.17.0.1', '172.18.0.1'])
  })
})
