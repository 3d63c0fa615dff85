/**
 * What connected nodes tell each other unasked: their load when it changes, and that they are there. Each opens one
 * stream to each other; on it go load records, and an empty message asks "are you there", which the other end answers
 * with one. Every sign of life says too that nothing has changed: an idle node costs its peers two empty messages in
 * seconds, however many models it has.
 */
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import * as lp from 'it-length-prefixed'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { updateWindowByHalves } from '../../protocols/query/window-updates.ts'
import { bestConnections } from '../links/best-connections.ts'
import { HELD_UP_MS, judgeLink, LINK_LOOK_MS, presenceProtocol } from './presence-rules.ts'

/** Streams of one connection: one each way, and those that a broken one has left. */
export const MAX_PRESENCE_STREAMS = 4

/** Between two tries to open a stream to a connected node, milliseconds. */
const OPEN_AGAIN_MS = 2_000

/** Longest time of one try. */
const OPEN_WITHIN_MS = 10_000

/** An empty message: a question on the own stream, its answer on the other's. */
const EMPTY = lp.encode.single(new Uint8Array())

export interface PresenceComponents {
  readonly libp2p: Pick<
    Libp2p,
    | 'peerId'
    | 'handle'
    | 'unhandle'
    | 'register'
    | 'unregister'
    | 'getConnections'
    | 'addEventListener'
    | 'removeEventListener'
  >
  readonly clock: Clock
  readonly log: Logger
  /** Takes what a peer says of its load. */
  onRecord(peer: PeerId, data: Uint8Array): void
  /** The peer is there, and nothing has changed that it has not told. */
  onAlive(peer: PeerId): void
  /** The peer did not answer in time: it is there again with the next `onAlive`. */
  onSilent(peer: string): void
  /** A peer can be spoken to that was not there before, or that wants to hear again what holds now. */
  onLink(): void
}

export interface PresenceInit {
  readonly network: string
  /** Bytes of the longest record. */
  readonly maxBytes: number
}

interface PresenceLink {
  readonly peer: PeerId
  readonly second: boolean
  stream: Stream | undefined
  /** That of the stream. */
  connection: Connection | undefined
  opening: boolean
  notBefore: number
  heardAt: number
  askedAt: number | undefined
  silent: boolean
}

export class Presence implements Startable {
  readonly #components: PresenceComponents
  readonly #protocol: string
  readonly #maxBytes: number
  readonly #links = new Map<string, PresenceLink>()
  #registration: string | undefined
  #lookedAt = 0
  #cancelLook = (): void => {}

  constructor(components: PresenceComponents, init: PresenceInit) {
    this.#components = components
    this.#protocol = presenceProtocol(init.network)
    this.#maxBytes = init.maxBytes
  }

  async start(): Promise<void> {
    if (this.#registration !== undefined) return
    const { libp2p, clock } = this.#components
    const limits = { maxInboundStreams: MAX_PRESENCE_STREAMS, maxOutboundStreams: MAX_PRESENCE_STREAMS }
    await libp2p.handle(this.#protocol, this.#onStream, { ...limits, runOnLimitedConnection: true })
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    this.#registration = await libp2p.register(this.#protocol, {
      notifyOnLimitedConnection: true,
      onConnect: this.#onConnect,
    })
    this.#lookedAt = clock.monotonic()
    this.#lookLater()
  }

  async stop(): Promise<void> {
    if (this.#registration === undefined) return
    const { libp2p } = this.#components
    this.#cancelLook()
    libp2p.unregister(this.#registration)
    this.#registration = undefined
    libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    await libp2p.unhandle(this.#protocol)
    for (const { stream } of this.#links.values()) stream?.abort(new RealmeshError('CANCELLED', 'the node stops'))
    this.#links.clear()
  }

  /** Tells every connected node; the number of those that were told. */
  say(record: Uint8Array): number {
    const message = lp.encode.single(record).subarray()
    return [...this.#links.values()].filter((link) => this.#send(link, message)).length
  }

  readonly #onConnect = (peer: PeerId): void => {
    const id = peer.toString()
    if (this.#links.has(id)) return
    const { libp2p, clock } = this.#components
    const now = clock.monotonic()
    const second = libp2p.peerId.toString() > id
    const fresh = {
      stream: undefined,
      connection: undefined,
      opening: false,
      notBefore: now,
      heardAt: now,
      askedAt: undefined,
      silent: false,
    }
    const link: PresenceLink = { peer, second, ...fresh }
    this.#links.set(id, link)
    void this.#open(link)
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    this.#links.delete(detail.toString())
  }

  /** A peer speaks to us. Its first stream may come before libp2p tells that it speaks this protocol. */
  readonly #onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    this.#onConnect(connection.remotePeer)
    this.#components.onLink()
    await this.#listen(stream, connection.remotePeer, (data) => {
      if (data.byteLength > 0) this.#components.onRecord(connection.remotePeer, data)
      else stream.send(EMPTY)
    })
  }

  async #open(link: PresenceLink): Promise<void> {
    const { clock, log } = this.#components
    link.opening = true
    link.notBefore = clock.monotonic() + OPEN_AGAIN_MS
    const signal = AbortSignal.timeout(OPEN_WITHIN_MS)
    try {
      const connection = this.#best(link.peer)
      if (connection === undefined) throw new Error('there is no connection to the peer')
      const stream = await connection.newStream(this.#protocol, { signal, runOnLimitedConnection: true })
      if (this.#links.get(link.peer.toString()) !== link) {
        stream.abort(new RealmeshError('CANCELLED', 'the peer is gone'))
        return
      }
      updateWindowByHalves(stream)
      link.stream = stream
      link.connection = connection
      if (link.askedAt !== undefined) this.#send(link, EMPTY.subarray())
      this.#components.onLink()
      // What the other end sends here are answers: that they came is all they say.
      void this.#listen(stream, link.peer, () => this.#answered(link, connection)).finally(() => {
        if (link.stream === stream) link.stream = undefined
      })
    } catch (error) {
      log.debug({ peer: link.peer.toString(), cause: toRealmeshError(error).message }, 'no presence stream yet')
    } finally {
      link.opening = false
    }
  }

  #best(peer: PeerId): Connection | undefined {
    return bestConnections(this.#components.libp2p.getConnections(peer)).get(peer.toString())
  }

  #answered({ askedAt }: PresenceLink, connection: Connection): void {
    if (askedAt !== undefined) connection.rtt = Math.max(0, this.#components.clock.monotonic() - askedAt)
  }

  /** Reads messages until the stream ends. Never rejects. */
  async #listen(stream: Stream, peer: PeerId, onMessage: (data: Uint8Array) => void): Promise<void> {
    const { log } = this.#components
    try {
      for await (const message of lp.decode(stream, { maxDataLength: this.#maxBytes })) {
        onMessage(message.subarray())
        this.#heard(peer)
      }
    } catch (error) {
      stream.abort(error as Error)
      log.debug({ peer: peer.toString(), cause: toRealmeshError(error).message }, 'presence stream broke')
    }
  }

  #heard(peer: PeerId): void {
    const link = this.#links.get(peer.toString())
    if (link === undefined) return
    link.heardAt = this.#components.clock.monotonic()
    link.askedAt = undefined
    this.#components.onAlive(peer)
    if (!link.silent) return
    link.silent = false
    // What it had said was dropped with it: to a new stream it says it again.
    link.stream?.abort(new RealmeshError('PEER_LOST', 'the peer was silent'))
  }

  #send({ stream }: PresenceLink, message: Uint8Array): boolean {
    if (stream === undefined || stream.writeStatus !== 'writable' || stream.writableNeedsDrain) return false
    stream.send(message)
    return true
  }

  #lookLater(): void {
    this.#cancelLook = this.#components.clock.after(LINK_LOOK_MS, () => {
      const now = this.#components.clock.monotonic()
      const late = now - this.#lookedAt - LINK_LOOK_MS
      this.#lookedAt = now
      for (const [id, link] of this.#links) this.#look(id, link, now, late > HELD_UP_MS ? late : 0)
      this.#lookLater()
    })
  }

  /** `heldUpMs`: for how long this node could not have heard anything. */
  #look(id: string, link: PresenceLink, now: number, heldUpMs: number): void {
    if (link.askedAt !== undefined) link.askedAt += heldUpMs
    if (link.stream === undefined && !link.opening && now >= link.notBefore) void this.#open(link)
    const verdict = judgeLink(link, now)
    if (verdict === 'ask') {
      link.askedAt = now
      const { stream, connection } = link
      // A better way was found since: the round trip is to be that of the way which queries go.
      if (connection !== undefined && connection !== this.#best(link.peer)) {
        stream?.abort(new RealmeshError('CANCELLED', 'there is a better way'))
      } else this.#send(link, EMPTY.subarray())
    } else if (verdict === 'silent' && !link.silent) {
      link.silent = true
      this.#components.onSilent(id)
    } else if (verdict === 'cut') {
      this.#links.delete(id)
      const lost = new RealmeshError('PEER_LOST', 'the peer has not answered')
      for (const connection of this.#components.libp2p.getConnections(link.peer)) connection.abort(lost)
    }
  }
}
