import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Libp2p, Stream } from '@libp2p/interface'
import * as lp from 'it-length-prefixed'
import { MAX_KAD_BYTES, type Traffic } from '../../../../../discovery/guard/flood-rules.ts'
import {
  guardedHandler,
  guardHandlers,
  MESSAGE_BYTES,
  trafficOf,
} from '../../../../../discovery/guard/wire/guarded-handlers.ts'
import { TurnBudget } from '../../../../../discovery/guard/wire/turn-budget.ts'
import { libp2pPair } from '../../../../support/libp2p-node.ts'
import { until } from '../../../../support/until.ts'

const PER_TURN = 4

describe('guarded handlers', () => {
  let pair: readonly [Libp2p, Libp2p]
  let admitted: [traffic: Traffic, count: number][]
  let allowance: number

  const guard = {
    admits: (traffic: Traffic, _peer: string, count = 1): boolean => {
      allowance -= count
      if (allowance >= 0) admitted.push([traffic, count])
      return allowance >= 0
    },
  }

  beforeEach(async () => {
    pair = await libp2pPair()
    admitted = []
    allowance = 1_000
  })

  afterEach(async () => {
    await Promise.all(pair.map((node) => node.stop()))
  })

  /** Serves `protocol` guarded; what it is given of each stream, message by message of the stream's own events. */
  async function serve(protocol: string): Promise<{ readonly pieces: Uint8Array[]; readonly streams: Stream[] }> {
    const pieces: Uint8Array[] = []
    const streams: Stream[] = []
    const handler = (stream: Stream): void => {
      streams.push(stream)
      stream.addEventListener('message', ({ data }) => pieces.push(data.subarray()))
    }
    const turn = new TurnBudget(PER_TURN)
    await pair[1].handle(protocol, guardedHandler(handler, trafficOf(protocol), { guard, turn }))
    return { pieces, streams }
  }

  async function open(protocol: string): Promise<Stream> {
    return await pair[0].dialProtocol(pair[1].peerId, protocol)
  }

  it('know the protocols of libp2p and our own', () => {
    const protocols: readonly (readonly [string, Traffic])[] = [
      ['/realmesh/id/1.0.0', 'identify'],
      ['/realmesh/id/push/1.0.0', 'push'],
      ['/ipfs/ping/1.0.0', 'ping'],
      ['/realmesh/main/kad/1.0.0', 'kad'],
      ['/realmesh/main/card/1.0.0', 'card'],
      ['/webrtc-signaling/0.0.1', 'signalling'],
      ['/realmesh/main/query/1.0.0', 'query'],
      ['/meshsub/1.2.0', 'gossip'],
      ['/floodsub/1.0.0', 'gossip'],
      ['/realmesh/main/new/1.0.0', 'other'],
    ]
    for (const [protocol, traffic] of protocols) assert.equal(trafficOf(protocol), traffic, protocol)
  })

  it('are given streams that are admitted; others are reset unheard', async () => {
    allowance = 2
    const { streams } = await serve('/test/card/1.0.0')
    await open('/test/card/1.0.0')
    await open('/test/card/1.0.0')
    const refused = await open('/test/card/1.0.0')
    if (refused.status === 'open') await once(refused as unknown as EventTarget, 'close')
    assert.equal(streams.length, 2)
    assert.deepEqual(admitted, [
      ['card', 1],
      ['card', 1],
    ])
  })

  it('are given all messages of one piece, a few per turn of the loop and in order', async () => {
    const { pieces } = await serve('/test/kad/1.0.0')
    const stream = await open('/test/kad/1.0.0')
    const messages = Array.from({ length: 50 }, (_, i) => lp.encode.single(new Uint8Array(20).fill(i)).subarray())
    stream.send(Buffer.concat(messages))
    const wanted = Buffer.concat(messages)
    await until('all bytes', () => Buffer.concat(pieces).byteLength >= wanted.byteLength)
    assert.deepEqual(Buffer.concat(pieces), wanted)
    const counts = admitted.map(([, count]) => count)
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      messages.length,
    )
    assert.ok(Math.max(...counts) <= PER_TURN, `${counts}`)
  })

  it('are given a message whose sender closed its side behind it, in a later turn too', async () => {
    const { pieces } = await serve('/test/kad/1.0.0')
    const sent = await Promise.all(
      Array.from({ length: 3 * PER_TURN }, async (_, i) => {
        const stream = await open('/test/kad/1.0.0')
        stream.send(lp.encode.single(new Uint8Array(20).fill(i)).subarray())
        await stream.close()
        return i
      }),
    )
    await until('a piece per stream', () => pieces.length >= sent.length)
    assert.deepEqual(
      pieces.map((piece) => piece[1] ?? -1).sort((a, b) => a - b),
      sent,
    )
  })

  it('lose their stream when its messages are too many', async () => {
    allowance = 10
    const { pieces, streams } = await serve('/test/kad/1.0.0')
    const stream = await open('/test/kad/1.0.0')
    const message = lp.encode.single(new Uint8Array(20)).subarray()
    stream.send(Buffer.concat(Array.from({ length: 200 }, () => message)))
    if (stream.status === 'open') await once(stream as unknown as EventTarget, 'close')
    assert.equal(streams[0]?.status, 'aborted')
    assert.ok(Buffer.concat(pieces).byteLength <= 10 * message.byteLength)
  })

  it('pay for a long message as for several', async () => {
    await serve('/meshsub/1.2.0')
    allowance = 20
    const stream = await open('/meshsub/1.2.0')
    stream.send(lp.encode.single(new Uint8Array(100_000)).subarray())
    if (stream.status === 'open') await once(stream as unknown as EventTarget, 'close')
    assert.equal(stream.status, 'reset')
  })

  it('lose their stream to the length of a message that no honest peer sends', async () => {
    const { pieces } = await serve('/test/kad/1.0.0')
    const stream = await open('/test/kad/1.0.0')
    const message = lp.encode.single(new Uint8Array(MAX_KAD_BYTES)).subarray()
    stream.send(message)
    await until('the longest message', () => Buffer.concat(pieces).byteLength === message.byteLength)
    stream.send(lp.encode.single(new Uint8Array(MAX_KAD_BYTES + 1)).subarray(0, 2))
    if (stream.status === 'open') await once(stream as unknown as EventTarget, 'close')
    assert.equal(stream.status, 'reset')
  })

  it('pay for a long message that comes in small pieces no less', async () => {
    const { pieces } = await serve('/meshsub/1.2.0')
    const stream = await open('/meshsub/1.2.0')
    const bytes = lp.encode.single(new Uint8Array(100 * MESSAGE_BYTES)).subarray()
    for (let at = 0; at < bytes.byteLength; at += MESSAGE_BYTES - 1) {
      const before = pieces.length
      stream.send(bytes.subarray(at, at + MESSAGE_BYTES - 1))
      await until('the next piece', () => pieces.length > before)
    }
    assert.equal(
      admitted.reduce((sum, [, count]) => sum + count, 0),
      101,
    )
  })

  it('of ping pay by the byte', async () => {
    const { pieces } = await serve('/ipfs/ping/1.0.0')
    const stream = await open('/ipfs/ping/1.0.0')
    stream.send(new Uint8Array(32))
    await until('a piece', () => pieces.length > 0)
    assert.deepEqual(admitted, [['ping', 1]])
    allowance = 100
    stream.send(new Uint8Array(32 * 1_024))
    await once(stream as unknown as EventTarget, 'close')
    assert.equal(stream.status, 'reset')
  })

  it('are all of those that are registered after the guard', async () => {
    const registered: string[] = []
    const registrar = {
      handle: async (protocol: string, handler: unknown): Promise<void> => {
        registered.push(`${protocol} ${typeof handler}`)
      },
    }
    guardHandlers(registrar, { guard })
    await registrar.handle('/test/card/1.0.0', () => {})
    assert.deepEqual(registered, ['/test/card/1.0.0 function'])
  })
})
