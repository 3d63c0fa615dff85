/** Where other nodes ask to be paired with this one, and how this one asks others. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { MAX_PAIR_STREAMS, pairProtocol } from './constants.ts'
import { PairLine } from './pair-line.ts'

export interface PairServerComponents {
  readonly libp2p: Pick<Libp2p, 'handle' | 'unhandle'>
  /** A peer asks: the line to it is the receiver's, which ends it. */
  readonly onLine: (line: PairLine, peer: string) => void
  readonly clock?: Clock
}

export interface PairServerInit {
  readonly network: string
}

export class PairServer implements Startable {
  readonly #components: PairServerComponents
  readonly #protocol: string

  constructor(components: PairServerComponents, { network }: PairServerInit) {
    this.#components = components
    this.#protocol = pairProtocol(network)
  }

  async start(): Promise<void> {
    const { libp2p, onLine, clock = systemClock } = this.#components
    const onStream = (stream: Stream, connection: Connection): void => {
      onLine(new PairLine(stream, { clock }), connection.remotePeer.toString())
    }
    await libp2p.handle(this.#protocol, onStream, {
      maxInboundStreams: MAX_PAIR_STREAMS,
      maxOutboundStreams: MAX_PAIR_STREAMS,
      runOnLimitedConnection: true,
    })
  }

  async stop(): Promise<void> {
    await this.#components.libp2p.unhandle(this.#protocol)
  }
}

/** A line to the peer at the other end of the connection, to ask it. Throws as libp2p does. */
export async function openPairLine(
  connection: Pick<Connection, 'newStream'>,
  network: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<PairLine> {
  const stream = await connection.newStream(pairProtocol(network), { signal, runOnLimitedConnection: true })
  return new PairLine(stream, { clock })
}
