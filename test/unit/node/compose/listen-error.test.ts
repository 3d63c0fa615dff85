import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { createLibp2pNode } from '../../../../node/compose/libp2p-node.ts'
import { listenError } from '../../../../node/compose/listen-error.ts'

/** What libp2p throws when it is told to listen on `address`. */
async function refusal(address: string): Promise<unknown> {
  const privateKey = await generateKeyPair('Ed25519')
  const node = await createLibp2pNode({
    privateKey,
    network: 'test',
    listen: [address],
    mdns: false,
    version: '0',
    allowedTopics: [],
  })
  try {
    await node.start()
    return undefined
  } catch (error) {
    return error
  } finally {
    await node.stop()
  }
}

/** What the operator reads. */
function told(error: unknown): unknown {
  assert.ok(error instanceof RealmeshError, String(error))
  return { code: error.code, message: error.message, fix: error.fix }
}

describe('listenError', () => {
  it('names the address that another program has, with the flag that helps', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const error = listenError(await refusal(`/ip4/127.0.0.1/tcp/${port}`))
      assert.deepEqual(told(error), {
        code: 'PORT_IN_USE',
        message: `another program listens on /ip4/127.0.0.1/tcp/${port}`,
        fix: 'stop it, or choose another port with --listen /ip4/127.0.0.1/tcp/0 (0 takes any free one)',
      })
    } finally {
      server.close()
    }
  })

  it('names an address that is not of this machine', async () => {
    const error = listenError(await refusal('/ip4/192.0.2.1/tcp/0'))
    assert.deepEqual(told(error), {
      code: 'BIND_REFUSED',
      message: 'cannot listen on /ip4/192.0.2.1/tcp/0 (EADDRNOTAVAIL)',
      fix: 'choose an address of this machine and a port above 1023 with --listen /ip4/ADDRESS/tcp/PORT',
    })
  })

  it('leaves everything else as it is', () => {
    const other = new Error('something else')
    assert.equal(listenError(other), other)
  })
})
