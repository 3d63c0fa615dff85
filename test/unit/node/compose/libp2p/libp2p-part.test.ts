import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createLibp2pNode } from '../../../../../node/compose/libp2p/libp2p-node.ts'
import { libp2pPart } from '../../../../../node/compose/libp2p/libp2p-part.ts'

/** Starts libp2p on the address and, should that work, stops it. */
async function listenOn(address: string): Promise<void> {
  const privateKey = await generateKeyPair('Ed25519')
  const init = { privateKey, network: 'test', listen: [address], mdns: false, version: '0', allowedTopics: [] }
  const part = libp2pPart(await createLibp2pNode(init), [address])
  try {
    await part.start()
  } finally {
    await part.stop()
  }
}

describe('libp2pPart', () => {
  it('listens where it may', async () => {
    await listenOn('/ip4/127.0.0.1/tcp/0')
  })

  it('names the address that another program has, with the flag that helps', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      await assert.rejects(listenOn(`/ip4/127.0.0.1/tcp/${port}`), {
        code: 'PORT_IN_USE',
        message: `another program listens on /ip4/127.0.0.1/tcp/${port}`,
        fix: 'stop it, or choose another port with --listen /ip4/127.0.0.1/tcp/0 (0 takes any free one)',
      })
    } finally {
      server.close()
    }
  })

  it('names an address that is not of this machine', async () => {
    await assert.rejects(listenOn('/ip4/192.0.2.1/tcp/0'), {
      code: 'BIND_REFUSED',
      message: 'cannot listen on /ip4/192.0.2.1/tcp/0 (EADDRNOTAVAIL)',
      fix: 'choose an address of this machine and a port above 1023 with --listen /ip4/ADDRESS/tcp/PORT',
    })
  })

  it('leaves every other failure as it is', async () => {
    const other = new Error('something else')
    const broken = { start: () => Promise.reject(other), stop: async () => {} }
    await assert.rejects(libp2pPart(broken, ['/ip4/127.0.0.1/tcp/0', '/dns4/rig.example/tcp/4501']).start(), other)
  })
})
