/**
 * The WebRTC transport, loaded when the first connection of its kind is made: it costs 25 MB, and most nodes of a home
 * never need it. Connections are made by signalling over the relayed connection that there is; no address is listened
 * on, and none is advertised.
 */
import { type StreamHandler, type Transport, transportSymbol } from '@libp2p/interface'
import type { WebRTCTransportComponents } from '@libp2p/webrtc'
import type { Multiaddr } from '@multiformats/multiaddr'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { IceServer } from '../../../../discovery/punch/ice-servers.ts'
import { patientSignalling } from './patient-signalling.ts'
import type { WebRtcPackage } from './web-rtc-package.ts'

/** By which two nodes agree on a WebRTC connection; a node that offers it can be punched through to. */
export const SIGNALLING_PROTOCOL = '/webrtc-signaling/0.0.1'

/** Signalling streams of one peer at once, each way: it is asked one at a time. */
export const MAX_SIGNALLING_STREAMS = 2

/** Longest message of a data channel: what other implementations of libp2p take. */
const MAX_MESSAGE_BYTES = 16 * 1_024

export interface LazyWebRtcInit {
  readonly webRtc: WebRtcPackage
  /** Asked for every connection. */
  readonly iceServers: () => readonly IceServer[]
}

/** As `webRTC()` of the package. */
export function lazyWebRtc(init: LazyWebRtcInit): (components: WebRTCTransportComponents) => Transport {
  return (components) => new LazyWebRtc(components, init)
}

/** Whether a connection there is made by signalling through a relay: `<relay>/p2p-circuit/webrtc/p2p/<peer>`. */
function isSignalled(address: Multiaddr): boolean {
  const names = address.getComponents().map(({ name }) => name)
  return names.includes('p2p-circuit') && names.at(-2) === 'webrtc' && names.at(-1) === 'p2p'
}

class LazyWebRtc {
  readonly [transportSymbol] = true as const
  readonly [Symbol.toStringTag] = '@realmesh/lazy-webrtc'
  readonly #components: WebRTCTransportComponents
  readonly #init: LazyWebRtcInit
  #inner: Promise<Inner> | undefined

  constructor(components: WebRTCTransportComponents, init: LazyWebRtcInit) {
    this.#components = components
    this.#init = init
  }

  async start(): Promise<void> {
    const { registrar } = this.#components
    const options = {
      runOnLimitedConnection: true,
      maxInboundStreams: MAX_SIGNALLING_STREAMS,
      maxOutboundStreams: MAX_SIGNALLING_STREAMS,
    }
    await registrar.handle(SIGNALLING_PROTOCOL, this.#onSignalling, options)
  }

  async stop(): Promise<void> {
    await this.#components.registrar.unhandle(SIGNALLING_PROTOCOL)
    const inner = await this.#inner?.catch(() => undefined)
    await inner?.transport.stop()
  }

  /** Rejects with `CAPABILITY_MISSING` where the package does not run. */
  readonly dial: Transport['dial'] = async (address, options) =>
    await (await this.#load()).transport.dial(address, options)

  createListener(): never {
    throw new RealmeshError('INTERNAL', 'WebRTC is not listened on: connections are made by signalling')
  }

  listenFilter(): [] {
    return []
  }

  readonly dialFilter: Transport['dialFilter'] = (addresses) => addresses.filter(isSignalled)

  readonly #onSignalling: StreamHandler = async (stream, connection) => {
    try {
      await (await this.#load()).handler(stream, connection)
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  #load(): Promise<Inner> {
    this.#inner ??= this.#create()
    return this.#inner
  }

  async #create(): Promise<Inner> {
    const { webRtc, iceServers } = this.#init
    try {
      const { webRTC } = await webRtc.load()
      let handler: StreamHandler | undefined
      const registrar = Object.create(this.#components.registrar, {
        handle: {
          value: async (_protocol: string, handle: StreamHandler) => {
            handler = handle
          },
        },
        unhandle: { value: async () => {} },
      })
      const components = Object.create(this.#components, {
        registrar: { value: registrar },
        connectionManager: { value: patientSignalling(this.#components.connectionManager) },
      })
      const transport = webRTC({
        // Named also when there are none: without, the package asks Google's.
        rtcConfiguration: () => ({ iceServers: iceServers().map(({ urls }) => ({ urls: [...urls] })) }),
        dataChannel: { maxMessageSize: MAX_MESSAGE_BYTES },
      })(components) as StartableTransport
      await transport.start()
      if (handler === undefined) throw new RealmeshError('INTERNAL', 'this version of @libp2p/webrtc is not the one')
      return { transport, handler }
    } catch (error) {
      // Others need not try.
      await this.#components.registrar.unhandle(SIGNALLING_PROTOCOL)
      throw error
    }
  }
}

type StartableTransport = Transport & { start(): Promise<void>; stop(): Promise<void> }

interface Inner {
  readonly transport: StartableTransport
  /** Answers a peer that wants a connection. */
  readonly handler: StreamHandler
}
