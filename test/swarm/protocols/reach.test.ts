/** Whether a node can be dialled, asked between real nodes on loopback. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Connection, Libp2p } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { linkedAbort } from '../../../core/run/linked-abort.ts'
import { askReach, type ReachAnswer } from '../../../protocols/reach/ask.ts'
import { reachProtocol } from '../../../protocols/reach/constants.ts'
import { WireReachAnswer, WireReachQuestion } from '../../../protocols/reach/messages.ts'
import { ReachServer } from '../../../protocols/reach/server.ts'
import { libp2pPair } from '../../support/libp2p-node.ts'

const NETWORK = 'test'

describe('the question whether a node can be dialled', () => {
  let asker: Libp2p
  let asked: Libp2p
  let servers: ReachServer[]
  let mayDial: boolean

  beforeEach(async () => {
    ;[asker, asked] = await libp2pPair()
    mayDial = true
    servers = [asker, asked].map((libp2p) => new ReachServer({ libp2p, mayDial: () => mayDial }, { network: NETWORK }))
    for (const server of servers) await server.start()
  })
  afterEach(async () => {
    for (const server of servers) await server.stop()
    await Promise.all([asker.stop(), asked.stop()])
  })

  const portOf = (libp2p: Libp2p): number =>
    Number(
      libp2p
        .getMultiaddrs()[0]
        ?.getComponents()
        .find(({ name }) => name === 'tcp')?.value,
    )
  const ask = async (ports: readonly number[]): Promise<ReachAnswer> => {
    const [connection] = asker.getConnections(asked.peerId)
    assert.ok(connection !== undefined)
    return await askReach(connection, { network: NETWORK, ports, signal: linkedAbort().signal })
  }

  it('is answered by a dial: at which port, and where the asking node was seen', async () => {
    const came: Multiaddr[] = []
    asker.addEventListener('connection:open', ({ detail }) => {
      if (detail.direction === 'inbound') came.push(detail.remoteAddr)
    })
    const port = portOf(asker)
    assert.deepEqual(await ask([1, port]), { seen: '127.0.0.1', tried: true, port })
    assert.equal(came.length, 1, 'it is proof that a peer has come')
  })

  it('is answered by no port where another node listens', async () => {
    assert.deepEqual(await ask([portOf(asked)]), { seen: '127.0.0.1', tried: true, port: undefined })
  })

  it('is worth nothing when the answer names no address', async () => {
    await servers[1]?.stop()
    const port = portOf(asker)
    let seen = ''
    await asked.handle(reachProtocol(NETWORK), async (stream) => {
      const messages = pbStream(stream)
      await messages.read(WireReachQuestion)
      await messages.write({ seen, tried: true, port }, WireReachAnswer)
    })
    for (seen of ['', 'nowhere', '192.0.2.7/udp/1', 'fe80::1%eth0']) {
      await assert.rejects(ask([port]), { code: 'PROTOCOL_ERROR' }, seen)
    }
    seen = '192.0.2.7'
    assert.deepEqual(await ask([port]), { seen, tried: true, port })
  })

  it('leaves no connection open to a peer that does not go on', async () => {
    const came: Connection[] = []
    asker.addEventListener('connection:open', ({ detail }) => came.push(detail))
    await servers[0]?.stop() // it answers the dial, and none of its protocols
    await ask([portOf(asker)])
    const [connection] = came
    assert.ok(connection !== undefined)
    if (connection.status === 'open') await once(connection, 'close')
    assert.equal(asked.getConnections(asker.peerId).length, 1, 'the one over which was asked')
  })

  it('says nothing where it may not be tried', async () => {
    mayDial = false
    assert.equal((await ask([portOf(asker)])).tried, false)
    assert.equal((await ask([])).tried, false)
  })
})
