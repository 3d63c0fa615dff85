/** A node that asks a router for its port, where there is no router: it runs, and ends, as any other. */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createLibp2pNode } from '../../../node/compose/libp2p/libp2p-node.ts'

describe('a node that asks its router for a port', () => {
  it('starts, listens and stops without one', async () => {
    const libp2p = await createLibp2pNode({
      privateKey: await generateKeyPair('Ed25519'),
      network: 'test',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      mdns: false,
      upnp: true,
      version: '0.0.0',
      allowedTopics: [],
    })
    await libp2p.start()
    assert.ok('portMappingClient' in libp2p.services.portMapping)
    assert.equal(libp2p.getMultiaddrs().length, 1)
    await libp2p.stop()
    assert.equal(libp2p.status, 'stopped')
  })
})
