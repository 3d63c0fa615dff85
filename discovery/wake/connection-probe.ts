/**
 * Asks over single connections whether the other end is there, and cuts those that do not answer: a connection through
 * a router that forgot it, or from an address that is gone, otherwise swallows what is sent for half a minute.
 */
import type { Connection, Libp2pEvents, PeerId, Stream, TypedEventTarget } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'

/** libp2p's own echo: every node answers it. */
const PING = '/ipfs/ping/1.0.0'
const PING_BYTES = 32

/** How long an echo may take after this node slept or moved: it is most likely the connection that is dead. */
export const ECHO_MS = 3_000
/** How long otherwise: the other end may only be busy, and another connection serves meanwhile. */
export const PATIENT_ECHO_MS = 8_000

/** What is used of libp2p. */
export interface ProbedLibp2p extends Pick<TypedEventTarget<Libp2pEvents>, 'addEventListener' | 'removeEventListener'> {
  getConnections(peer?: PeerId): Connection[]
}

export interface ConnectionProbeComponents {
  readonly libp2p: ProbedLibp2p
  readonly clock: Clock
  readonly log: Logger
}

export class ConnectionProbe implements Startable {
  readonly #components: ConnectionProbeComponents
  readonly #asking = new Set<Connection>()
  #stopping = linkedAbort()
  #running = false

  constructor(components: ConnectionProbeComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.#components.libp2p.addEventListener('connection:open', this.#onOpen)
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#components.libp2p.removeEventListener('connection:open', this.#onOpen)
    this.#stopping.abort()
  }

  /** Asks over all connections; resolves when each has answered or is cut. Never rejects. */
  async all(): Promise<void> {
    await Promise.all(this.#components.libp2p.getConnections().map((connection) => this.#ask(connection, ECHO_MS)))
  }

  /**
   * A lane on it fell silent. Where it is the only way to its peer it is left alone: the peer may be busy, and is asked
   * whether it is there in any case.
   */
  readonly doubt = (connection: Connection): void => {
    if (this.#othersThan(connection).length > 0) void this.#ask(connection, PATIENT_ECHO_MS)
  }

  /** A peer fell silent: where it has several connections the one that was used may be dead, and another not. */
  silent(peer: string): void {
    const open = this.#components.libp2p
      .getConnections(peerIdFromString(peer))
      .filter(({ status }) => status === 'open')
    if (open.length > 1) for (const connection of open) void this.#ask(connection, PATIENT_ECHO_MS)
  }

  /** A peer that moved comes back by a new connection, and the old one is dead. */
  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    for (const other of this.#othersThan(detail)) void this.#ask(other, PATIENT_ECHO_MS)
  }

  #othersThan(connection: Connection): readonly Connection[] {
    const all = this.#components.libp2p.getConnections(connection.remotePeer)
    return all.filter((other) => other !== connection && other.status === 'open')
  }

  async #ask(connection: Connection, limitMs: number): Promise<void> {
    if (!this.#running || this.#asking.has(connection)) return
    const { clock, log } = this.#components
    this.#asking.add(connection)
    try {
      await withinLimit(this.#stopping.signal, limitMs, 'no echo', (signal) => echo(connection, signal), clock)
    } catch (error) {
      const { code } = toRealmeshError(error, 'PEER_LOST')
      if (code !== 'TIMEOUT') return // closed meanwhile, or alive enough to refuse
      const peer = connection.remotePeer.toString()
      log.info({ peer, address: connection.remoteAddr.toString() }, 'a connection is dead and cut')
      connection.abort(new RealmeshError('PEER_LOST', `no echo within ${limitMs} ms`))
    } finally {
      this.#asking.delete(connection)
    }
  }
}

/** Resolves when as many bytes came back as were sent. */
async function echo(connection: Connection, signal: AbortSignal): Promise<void> {
  const stream = await connection.newStream(PING, { signal, runOnLimitedConnection: true })
  try {
    await echoed(stream, signal)
    await stream.close({ signal })
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}

function echoed(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = PING_BYTES
    stream.addEventListener('message', ({ data }) => {
      left -= data.byteLength
      if (left <= 0) resolve()
    })
    stream.addEventListener('close', ({ error }) => reject(error ?? new Error('the stream closed before its echo')))
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    stream.send(crypto.getRandomValues(new Uint8Array(PING_BYTES)))
  })
}
