import assert from 'node:assert/strict'
import type { Stream } from '@libp2p/interface'
import { updateWindowByHalves } from '../../../protocols/query/window-updates.ts'
import { eventually } from '../../support/daemon.ts'
import { directBetween, PunchedPair, sendAll } from '../../support/punched-pair.ts'

const PROTOCOL = '/test/1'
const MIB = 2 ** 20

describe('punching', () => {
  let pair: PunchedPair

  beforeEach(() => {
    pair = new PunchedPair()
  })

  afterEach(() => pair.stop())

  it('makes a relayed connection direct, with the muxer of all others, where the peer truly is', async () => {
    const [a, b] = await pair.start()
    for (const connection of [await directBetween(a, b), await directBetween(b, a)]) {
      assert.equal(connection.multiplexer, '/yamux/1.0.0')
      assert.equal(connection.limits, undefined)
      assert.equal(connection.direct, true)
      assert.match(connection.remoteAddr.toString(), /^\/ip[46]\/[0-9a-f.:]+\/udp\/\d+\/webrtc\/p2p\/\w+$/)
    }
    assert.ok(b.asked.has(`signalling ${a.libp2p.peerId}`))
  })

  it('brings all bytes, lets a reader make its sender wait, and asks the guard about every stream', async () => {
    const [a, b] = await pair.start()
    let bytes = 0
    let read: Stream | undefined
    await b.libp2p.handle(PROTOCOL, (stream) => {
      updateWindowByHalves(stream)
      read = stream
      stream.addEventListener('message', ({ data }) => {
        bytes += data.byteLength
        if (bytes < MIB) stream.pause()
      })
    })
    const connection = await directBetween(a, b)
    b.asked.clear()
    const stream = await connection.newStream(PROTOCOL)
    const sent = sendAll(stream, 12 * MIB)
    await eventually('the sender waits', () => read?.readStatus === 'paused' && stream.writableNeedsDrain)
    assert.ok(bytes < 3 * MIB, `${bytes} bytes were let through to a reader that had paused`)
    bytes += MIB // it pauses no more
    read?.resume()
    await sent
    await eventually('all bytes', () => bytes === 13 * MIB)
    assert.ok(b.asked.has(`streams ${a.libp2p.peerId}`))
  })

  it('ends with the node: the peer is told, and nothing stays open', async () => {
    const [a, b] = await pair.start()
    await directBetween(a, b)
    await a.room.part.stop()
    await a.libp2p.stop()
    await eventually('the peer knows', () => b.libp2p.getConnections(a.libp2p.peerId).length === 0)
  })
})
