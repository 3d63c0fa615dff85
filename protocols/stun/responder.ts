/**
 * Answers STUN requests: nodes behind routers ask the dialable ones of their own network where they are seen, and no
 * company has to be told that they are there.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type Bucket, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import { answerTo, readRequest } from './binding.ts'
import { ALL_STUN_RULE, MAX_STUN_SOURCES, STUN_RULE } from './constants.ts'

/** Where to listen. */
export interface StunPlace {
  readonly host: string
  readonly port: number
}

export interface StunResponderComponents {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Logger
}

export interface StunResponderInit {
  /** Asked when it starts. */
  readonly places: () => readonly StunPlace[]
}

export class StunResponder implements Startable {
  readonly #components: StunResponderComponents
  readonly #init: StunResponderInit
  readonly #sources = new LRUCache<string, Bucket>({ max: MAX_STUN_SOURCES })
  readonly #all: Bucket
  #sockets: readonly Socket[] = []

  constructor(components: StunResponderComponents, init: StunResponderInit) {
    this.#components = components
    this.#init = init
    this.#all = fullBucket(ALL_STUN_RULE, components.clock.monotonic())
  }

  /** Where it listens. */
  get places(): readonly StunPlace[] {
    return this.#sockets.map((socket) => {
      const { address, port } = socket.address()
      return { host: address, port }
    })
  }

  /** Takes the places that it gets; of one that is taken the log tells, and the node runs without. */
  async start(): Promise<void> {
    if (this.#sockets.length > 0) return
    const bound = await Promise.all(this.#init.places().map((place) => this.#bind(place)))
    this.#sockets = bound.flatMap((socket) => socket ?? [])
  }

  async stop(): Promise<void> {
    const sockets = this.#sockets
    this.#sockets = []
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))))
  }

  async #bind({ host, port }: StunPlace): Promise<Socket | undefined> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: isIPv6(host) })
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind({ address: host, port }, resolve)
      })
    } catch (error) {
      socket.close()
      this.#components.log.warn({ host, port, cause: toRealmeshError(error).message }, 'no STUN here: port not given')
      return undefined
    }
    socket.removeAllListeners('error')
    // Of an answer that could not be sent: the sender asks again.
    socket.on('error', (error) => this.#components.log.debug({ host, port, cause: error.message }, 'STUN'))
    socket.on('message', (bytes, source) => this.#onMessage(socket, bytes, source))
    return socket
  }

  #onMessage(socket: Socket, bytes: Buffer, source: RemoteInfo): void {
    const request = readRequest(bytes)
    if (request === undefined || source.port === 0 || !this.#admits(source.address)) return
    socket.send(answerTo(request, source), source.port, source.address)
  }

  #admits(address: string): boolean {
    const now = this.#components.clock.monotonic()
    const place = placeOf(address)
    let bucket = this.#sources.get(place)
    if (bucket === undefined) {
      bucket = fullBucket(STUN_RULE, now)
      this.#sources.set(place, bucket)
    }
    return takeToken(bucket, STUN_RULE, now) && takeToken(this.#all, ALL_STUN_RULE, now)
  }
}

/** One customer has a /64 of IPv6 at least. */
function placeOf(address: string): string {
  if (!isIPv6(address)) return address
  const [left = ''] = address.split('::')
  return left.split(':').slice(0, 4).join(':')
}
