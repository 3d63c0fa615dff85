import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2pNode } from '../../../../../node/compose/libp2p/libp2p-node.ts'
import { newPeerId } from '../../../../support/fake-libp2p.ts'

describe('libp2p node', () => {
  it('asks no name server for what a stranger gives as its address', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const fixed = { network: 'test', listen: [], mdns: false, version: '0.0.0', allowedTopics: [] }
    const libp2p = await createLibp2pNode({ privateKey, ...fixed })
    await libp2p.start()
    try {
      const address = multiaddr(`/dnsaddr/nobody.invalid/p2p/${(await newPeerId()).toString()}`)
      await assert.rejects(libp2p.dial(address), { name: 'NoValidAddressesError' })
    } finally {
      await libp2p.stop()
    }
  })
})
