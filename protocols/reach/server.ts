/**
 * Tries to dial the peer that asks, at the host from which its own connection comes and at no other: nobody can make
 * this node knock at a third one's door.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { MAX_ASKED_PORTS, MAX_REACH_BYTES, MAX_REACH_STREAMS, reachProtocol, TRY_MS } from './constants.ts'
import { WireReachAnswer, WireReachQuestion } from './messages.ts'

/** Questions that are answered at once: each is a dial, with a handshake where it succeeds. */
export const MAX_TRIED_AT_ONCE = 4

export interface ReachServerComponents {
  readonly libp2p: Pick<Libp2p, 'handle' | 'unhandle' | 'dial'>
  /** Whether an address may be dialled that a connected peer names; its host is where the peer truly is. */
  readonly mayDial?: (address: Multiaddr) => boolean
  readonly clock?: Clock
  readonly log?: Logger
}

export class ReachServer implements Startable {
  readonly #components: ReachServerComponents
  readonly #clock: Clock
  readonly #log: Logger
  readonly #protocol: string
  #life = linkedAbort()
  #trying = 0

  constructor(components: ReachServerComponents, { network }: { readonly network: string }) {
    this.#components = components
    this.#clock = components.clock ?? systemClock
    this.#log = components.log ?? silentLogger
    this.#protocol = reachProtocol(network)
  }

  async start(): Promise<void> {
    if (this.#life.signal.aborted) this.#life = linkedAbort()
    await this.#components.libp2p.handle(this.#protocol, this.#onStream, {
      maxInboundStreams: MAX_REACH_STREAMS,
      maxOutboundStreams: MAX_REACH_STREAMS,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    if (this.#life.signal.aborted) return
    this.#life.abort(new RealmeshError('CANCELLED', 'the node stops'))
    await this.#components.libp2p.unhandle(this.#protocol)
  }

  readonly #onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    try {
      await withinLimit(
        this.#life.signal,
        (MAX_ASKED_PORTS + 1) * TRY_MS,
        'the question was not taken',
        (signal) => this.#answer(stream, connection, signal),
        this.#clock,
      )
    } catch (error) {
      stream.abort(error as Error)
      this.#log.debug({ cause: toRealmeshError(error).message }, 'a question about reachability was not answered')
    }
  }

  async #answer(stream: Stream, connection: Connection, signal: AbortSignal): Promise<void> {
    const messages = pbStream(stream, { maxDataLength: MAX_REACH_BYTES })
    const { ports } = await messages.read(WireReachQuestion, { signal })
    const host = directHost(connection.remoteAddr)
    const targets = host === undefined ? [] : this.#targets(host, ports.slice(0, MAX_ASKED_PORTS), connection)
    const tried = targets.length > 0 && this.#trying < MAX_TRIED_AT_ONCE
    const port = tried ? await this.#firstOpen(targets, signal) : 0
    await messages.write({ seen: host?.value ?? '', tried, port }, WireReachAnswer, { signal })
    await stream.close({ signal })
  }

  #targets(host: SeenHost, ports: readonly number[], { remotePeer }: Connection): readonly Target[] {
    return ports
      .filter((port) => port > 0 && port < 65_536)
      .map((port) => ({
        port,
        address: multiaddr(`/${host.name}/${host.value}/tcp/${port}/p2p/${remotePeer.toString()}`),
      }))
      .filter(({ address }) => this.#components.mayDial?.(address) !== false)
  }

  async #firstOpen(targets: readonly Target[], signal: AbortSignal): Promise<number> {
    this.#trying += 1
    try {
      for (const { port, address } of targets) if (await this.#answers(address, signal)) return port
      return 0
    } finally {
      this.#trying -= 1
    }
  }

  /** Whether that very peer answers there: the port of a router may lead to another node of the same home. */
  async #answers(address: Multiaddr, signal: AbortSignal): Promise<boolean> {
    const dial = async (limited: AbortSignal): Promise<void> => {
      const connection = await this.#components.libp2p.dial(address, { signal: limited, force: true })
      try {
        // Once it has answered here, the peer knows of the connection: for it that is the proof.
        const stream = await connection.newStream(this.#protocol, { signal: limited, runOnLimitedConnection: true })
        await stream.close({ signal: limited })
        await connection.close()
      } catch (error) {
        connection.abort(error as Error)
        throw error
      }
    }
    try {
      await withinLimit(signal, TRY_MS, 'no connection', dial, this.#clock)
      return true
    } catch {
      return false
    }
  }
}

/** Where the asking peer may listen. */
interface Target {
  readonly port: number
  readonly address: Multiaddr
}

interface SeenHost {
  readonly name: 'ip4' | 'ip6'
  readonly value: string
}

/** Where the connection comes from; undefined for one through a relay. */
function directHost(address: Multiaddr): SeenHost | undefined {
  const parts = address.getComponents()
  if (parts.some(({ name }) => name === 'p2p-circuit')) return undefined
  const host = parts.find(({ name }) => name === 'ip4' || name === 'ip6')
  if (host?.value === undefined) return undefined
  return { name: host.name === 'ip4' ? 'ip4' : 'ip6', value: host.value }
}
