import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import type { Path } from '../../../../core/net/path.ts'
import { pathOf } from '../../../../discovery/links/path-of.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'

describe('the path of a connection', () => {
  it('is told by the address of its other end', async () => {
    const relay = (await newPeerId()).toString()
    const peer = (await newPeerId()).toString()
    const circuit = `/ip4/203.0.113.9/tcp/4001/p2p/${relay}/p2p-circuit`
    const rows: readonly (readonly [string, Path])[] = [
      [`/ip4/127.0.0.1/tcp/4001/p2p/${peer}`, { kind: 'loopback', over: 'tcp' }],
      ['/ip6/::1/tcp/4001', { kind: 'loopback', over: 'tcp' }],
      ['/ip4/192.168.1.7/tcp/4001', { kind: 'lan', over: 'tcp' }],
      ['/ip6zone/eth0/ip6/fe80::7/tcp/4001', { kind: 'lan', over: 'tcp' }],
      ['/ip4/100.101.2.3/tcp/4001', { kind: 'lan', over: 'tcp' }],
      ['/ip4/203.0.113.9/tcp/4001', { kind: 'direct', over: 'tcp' }],
      ['/ip6/2606:4700::1/tcp/443/tls/ws', { kind: 'direct', over: 'tcp' }],
      ['/dns4/rig.example.org/tcp/4001', { kind: 'direct', over: 'tcp' }],
      ['/ip4/203.0.113.9/udp/4001/quic-v1', { kind: 'direct', over: 'other' }],
      ['/ip4/192.168.1.7/udp/4001/webrtc-direct', { kind: 'lan', over: 'webrtc' }],
      [circuit, { kind: 'relayed', over: 'tcp', relay }],
      [`${circuit}/p2p/${peer}`, { kind: 'relayed', over: 'tcp', relay }],
      [`/ip4/127.0.0.1/tcp/4001/p2p/${relay}/p2p-circuit/p2p/${peer}`, { kind: 'relayed', over: 'tcp', relay }],
      ['/p2p-circuit', { kind: 'relayed', over: 'other' }],
      [`${circuit}/webrtc/p2p/${peer}`, { kind: 'direct', over: 'webrtc' }],
      [`/webrtc/p2p/${peer}`, { kind: 'direct', over: 'webrtc' }],
    ]
    for (const [address, path] of rows) assert.deepEqual(pathOf({ remoteAddr: multiaddr(address) }), path, address)
  })
})
