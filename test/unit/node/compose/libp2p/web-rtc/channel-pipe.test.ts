/** Over the connections, muxers and streams that libp2p tests itself with: data channels are streams of such a muxer. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { MultiaddrConnection, StreamMuxer } from '@libp2p/interface'
import { mockMuxer, multiaddrConnectionPair } from '@libp2p/utils'
import { ChannelPipe } from '../../../../../../node/compose/libp2p/web-rtc/channel-pipe.ts'

interface End {
  readonly connection: MultiaddrConnection
  readonly channels: StreamMuxer
  readonly pipe: ChannelPipe
}

function end(connection: MultiaddrConnection): End {
  const channels = mockMuxer().createStreamMuxer(connection)
  return { connection, channels, pipe: new ChannelPipe({ connection, channels }) }
}

describe('a WebRTC connection as one stream', () => {
  let dialler: End
  let listener: End

  beforeEach(() => {
    const [outbound, inbound] = multiaddrConnectionPair()
    dialler = end(outbound)
    listener = end(inbound)
  })

  const received = async (pipe: ChannelPipe, bytes: number): Promise<Buffer> => {
    const pieces: Uint8Array[] = []
    let left = bytes
    await new Promise<void>((resolve) =>
      pipe.addEventListener('message', ({ data }) => {
        pieces.push(data.subarray())
        left -= data.byteLength
        if (left <= 0) resolve()
      }),
    )
    return Buffer.concat(pieces)
  }

  it('carries bytes both ways over one channel, those too that were sent before it was open', async () => {
    const [there, back] = [received(listener.pipe, 5), received(dialler.pipe, 6)]
    dialler.pipe.send(Buffer.from('there'))
    listener.pipe.send(Buffer.from('and ba'))
    assert.equal((await there).toString(), 'there')
    assert.equal((await back).toString(), 'and ba')
    assert.equal(dialler.channels.streams.length + listener.channels.streams.length, 2)
  })

  it('is cut when the peer opens a second channel: what comes over it would be seen by no guard', async () => {
    const there = received(listener.pipe, 1)
    dialler.pipe.send(Buffer.from('a'))
    await there
    const cut = once(listener.connection, 'close')
    await dialler.channels.createStream()
    await cut
    assert.deepEqual([listener.pipe.status, listener.connection.status], ['aborted', 'aborted'])
  })

  it('ends with its connection, and its connection with its channel', async () => {
    const there = received(listener.pipe, 1)
    dialler.pipe.send(Buffer.from('a'))
    await there
    const ended = [once(listener.pipe, 'close'), once(dialler.pipe, 'close'), once(listener.connection, 'close')]
    dialler.channels.streams[0]?.abort(new Error('broken'))
    await Promise.all(ended)
    assert.notEqual(listener.connection.status, 'open')
  })
})
