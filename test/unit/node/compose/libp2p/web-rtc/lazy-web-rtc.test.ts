import assert from 'node:assert/strict'
import type { StreamHandler } from '@libp2p/interface'
import type { WebRTCTransportComponents } from '@libp2p/webrtc'
import { multiaddr } from '@multiformats/multiaddr'
import { lazyWebRtc, SIGNALLING_PROTOCOL } from '../../../../../../node/compose/libp2p/web-rtc/lazy-web-rtc.ts'
import { WebRtcPackage } from '../../../../../../node/compose/libp2p/web-rtc/web-rtc-package.ts'
import { FakeStream } from '../../../../../support/fake-stream.ts'

const RELAY = '12D3KooWJSoSwFuyuqV7Du1EikC7PoCchQMZh4qkiTywAtgpWaNH'
const PEER = '12D3KooWHpk8LbQpzQaC5mitaxLs3nN2h87vzSqtmbGsW81VDDk5'

describe('the WebRTC transport', () => {
  it('dials signalled addresses alone, listens on none, and leaves the offer where its native part does not run', async () => {
    const handlers = new Map<string, StreamHandler>()
    const registrar = {
      handle: async (protocol: string, handler: StreamHandler) => void handlers.set(protocol, handler),
      unhandle: async (protocol: string) => void handlers.delete(protocol),
    }
    const load = async (): Promise<never> => {
      throw new Error('no native part')
    }
    const webRtc = new WebRtcPackage({ isInstalled: () => true, load })
    const components = { registrar } as unknown as WebRTCTransportComponents
    const transport = lazyWebRtc({ webRtc, iceServers: () => [] })(components) as ReturnType<
      ReturnType<typeof lazyWebRtc>
    > & { start(): Promise<void> }
    const circuit = `/ip4/203.0.113.9/tcp/4501/p2p/${RELAY}/p2p-circuit`
    const addresses = [
      `${circuit}/webrtc/p2p/${PEER}`,
      `${circuit}/p2p/${PEER}`,
      `/ip4/1.2.3.4/udp/9/webrtc/p2p/${PEER}`,
    ]
    const dialled = transport.dialFilter(addresses.map((address) => multiaddr(address)))
    assert.deepEqual(dialled.map(String), [addresses[0]])
    assert.deepEqual(transport.listenFilter([multiaddr('/webrtc')]), [])

    await transport.start()
    const offer = new FakeStream()
    await handlers.get(SIGNALLING_PROTOCOL)?.(offer.stream, {} as Parameters<StreamHandler>[1])
    assert.match(offer.aborted?.message ?? '', /no native part/)
    assert.deepEqual([handlers.size, webRtc.state], [0, 'broken'])
  })
})
