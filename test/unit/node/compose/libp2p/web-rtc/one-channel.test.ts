import assert from 'node:assert/strict'
import type { MultiaddrConnection, StreamMuxerFactory } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import {
  type MuxingUpgrader,
  THROUGH_MS,
  throughOneChannel,
} from '../../../../../../node/compose/libp2p/web-rtc/one-channel.ts'
import { newPeerId } from '../../../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../../../support/manual-clock.ts'

class NativePart extends EventTarget {
  connectionState = 'connecting'

  become(state: string): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

describe('connections by WebRTC', () => {
  const clock = new ManualClock()
  let native: NativePart
  let taken: number

  /** The peer's signalling has ended: what becomes of the connection. */
  async function arrives(): Promise<void> {
    const upgrader = {
      upgradeInbound: async () => {
        taken += 1
      },
      upgradeOutbound: () => assert.fail('it came from outside'),
      getStreamMuxers: () => new Map([['/yamux/1.0.0', { protocol: '/yamux/1.0.0' } as StreamMuxerFactory]]),
    } as unknown as MuxingUpgrader
    const channels = { protocol: '/webrtc', peerConnection: native } as unknown as StreamMuxerFactory
    const connection = { remoteAddr: multiaddr('/ip4/192.0.2.1/udp/1') } as MultiaddrConnection
    const remotePeer = await newPeerId()
    throughOneChannel(upgrader, { secured: { note: () => {} }, clock })
    await upgrader.upgradeInbound(connection, { muxerFactory: channels, remotePeer, skipEncryption: true } as never)
  }

  /** Everything that is under way has gone as far as it can. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  beforeEach(() => {
    native = new NativePart()
    taken = 0
  })

  it('are taken once bytes can pass', async () => {
    native.connectionState = 'connected'
    await arrives()
    assert.equal(taken, 1)
  })

  it('are waited for while they are being made', async () => {
    const arriving = arrives()
    await settled()
    assert.equal(taken, 0)
    native.become('connected')
    await arriving
    assert.equal(taken, 1)
  })

  it('are refused when no way was found: nothing would ever arrive over them', async () => {
    native.connectionState = 'failed'
    await assert.rejects(arrives(), { code: 'PEER_UNREACHABLE' })
    native = new NativePart()
    const arriving = assert.rejects(arrives(), { code: 'PEER_UNREACHABLE' })
    await settled()
    native.become('failed')
    await arriving
    assert.equal(taken, 0)
  })

  it('are refused when they are made for too long', async () => {
    const arriving = assert.rejects(arrives(), { code: 'PEER_UNREACHABLE' })
    await settled()
    clock.advance(THROUGH_MS)
    await arriving
    assert.equal(taken, 0)
  })
})
