import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Libp2p, MessageStream } from '@libp2p/interface'
import type { Traffic } from '../../../../../discovery/guard/flood-rules.ts'
import { createLibp2pNode, type Libp2pNode } from '../../../../../node/compose/libp2p/libp2p-node.ts'
import { libp2pNode } from '../../../../support/libp2p-node.ts'
import { until } from '../../../../support/until.ts'
import { DATA, RST, SYN, WINDOW, yamuxFrame } from '../../../../support/yamux-frame.ts'

describe('guarded muxer', () => {
  let node: Libp2pNode
  let hostile: Libp2p
  let connection: Connection
  let admitted: Map<Traffic, number>
  let allowance: number
  let crowded: boolean
  let waiting: (() => void)[]
  let condemned: [peer: string, reason: string][]

  beforeEach(async () => {
    admitted = new Map()
    allowance = 1_000
    condemned = []
    crowded = false
    waiting = []
    const guard = {
      mustWait: () => crowded,
      condemn: (peer: string, reason: string) => condemned.push([peer, reason]),
      admits: (traffic: Traffic, peer: string, count = 1): boolean => {
        assert.equal(peer, hostile.peerId.toString())
        if (traffic === 'streams' || traffic === 'frames') admitted.set(traffic, (admitted.get(traffic) ?? 0) + count)
        return (admitted.get(traffic) ?? 0) <= allowance
      },
    }
    node = await createLibp2pNode({
      privateKey: await generateKeyPair('Ed25519'),
      network: 'test',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      mdns: false,
      version: '0.0.0',
      allowedTopics: [],
      guard,
      after: (_ms, goOn) => {
        waiting.push(goOn)
        return () => {}
      },
    })
    await node.start()
    hostile = await libp2pNode()
    connection = await hostile.dial(node.getMultiaddrs())
  })

  afterEach(async () => {
    await Promise.all([node.stop(), hostile.stop()])
  })

  const streamsAdmitted = (): number => admitted.get('streams') ?? 0
  const untilCut = (): Promise<void> =>
    until('the connection is cut', () => node.getConnections(hostile.peerId).length === 0)

  /** Sends frames past the hostile peer's own muxer. */
  function send(...frames: readonly Uint8Array[]): void {
    const { muxer } = connection as unknown as { readonly muxer: { readonly maConn: MessageStream } }
    muxer.maConn.send(Buffer.concat(frames))
  }

  /** A stream that is opened and reset at once. */
  function rapidReset(stream: number): Uint8Array {
    return Buffer.concat([
      yamuxFrame({ type: WINDOW, flags: SYN, stream }),
      yamuxFrame({ type: WINDOW, flags: RST, stream }),
    ])
  }

  it('counts every stream that is opened and every frame without data, at the pace of the loop', async () => {
    const before = streamsAdmitted()
    send(...Array.from({ length: 300 }, (_, i) => rapidReset(1_001 + 2 * i)))
    await until('300 streams', () => streamsAdmitted() >= before + 300)
    assert.ok((admitted.get('frames') ?? 0) >= 600)
    assert.equal(connection.status, 'open')
  })

  it('hears no peer of a crowd that is too much, and all of it later', async () => {
    crowded = true
    const before = streamsAdmitted()
    send(...Array.from({ length: 30 }, (_, i) => rapidReset(1_001 + 2 * i)))
    await until('a connection that waits', () => waiting.length > 0)
    assert.equal(streamsAdmitted(), before)
    crowded = false
    for (const goOn of waiting.splice(0)) goOn()
    await until('30 streams', () => streamsAdmitted() >= before + 30)
    assert.equal(connection.status, 'open')
  })

  it('cuts a connection that opens too many', async () => {
    allowance = 100
    send(...Array.from({ length: 300 }, (_, i) => rapidReset(1_001 + 2 * i)))
    await untilCut()
  })

  it('cuts a connection that sends frames without end', async () => {
    allowance = 500
    send(...Array.from({ length: 2_000 }, (_, i) => yamuxFrame({ type: WINDOW, stream: 2_001 + 2 * i, length: 1 })))
    await untilCut()
  })

  it('cuts a connection whose frame claims more than a window, before any of it is kept', async () => {
    send(yamuxFrame({ type: DATA, flags: SYN, stream: 1_001, length: 2 ** 32 - 1 }))
    await untilCut()
    await until('a condemned peer', () => condemned.length > 0)
    assert.deepEqual(condemned, [[hostile.peerId.toString(), 'a frame that is longer than any window']])
  })
})
