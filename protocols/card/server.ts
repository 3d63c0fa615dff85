/** Gives the node's card to every peer that opens a stream: one length-prefixed envelope, then the end. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { messageStreamToDuplex } from '@libp2p/utils'
import * as lp from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { CARD_TIMEOUT_MS, cardProtocol, MAX_CARD_STREAMS } from './constants.ts'

export interface CardServerComponents {
  readonly libp2p: Pick<Libp2p, 'handle' | 'unhandle'>
  /** The sealed card as it is now. Sealing costs a signature: keep it until the card changes. */
  readonly card: () => Uint8Array | Promise<Uint8Array>
  readonly clock?: Clock
  readonly log?: Logger
}

export interface CardServerInit {
  readonly network: string
}

export class CardServer implements Startable {
  readonly #components: CardServerComponents
  readonly #clock: Clock
  readonly #log: Logger
  readonly #protocol: string
  readonly #streams = new Set<Stream>()
  #handling = false

  constructor(components: CardServerComponents, init: CardServerInit) {
    this.#components = components
    this.#clock = components.clock ?? systemClock
    this.#log = components.log ?? silentLogger
    this.#protocol = cardProtocol(init.network)
  }

  async start(): Promise<void> {
    if (this.#handling) return
    await this.#components.libp2p.handle(this.#protocol, this.#onStream, {
      maxInboundStreams: MAX_CARD_STREAMS,
      maxOutboundStreams: MAX_CARD_STREAMS,
      runOnLimitedConnection: true,
    })
    this.#handling = true
  }

  async stop(): Promise<void> {
    if (!this.#handling) return
    this.#handling = false
    await this.#components.libp2p.unhandle(this.#protocol)
    for (const stream of this.#streams) stream.abort(new RealmeshError('CANCELLED', 'the node stops'))
  }

  readonly #onStream = async (stream: Stream): Promise<void> => {
    this.#streams.add(stream)
    const cancelTimer = this.#clock.after(CARD_TIMEOUT_MS, () => {
      stream.abort(new RealmeshError('TIMEOUT', 'the card was not taken in time'))
    })
    try {
      const card = await this.#components.card()
      // The duplex closes the stream behind the last byte.
      await pipe([card], (source) => lp.encode(source), messageStreamToDuplex(stream))
    } catch (error) {
      stream.abort(error as Error)
      this.#log.debug({ err: error }, 'a card could not be given')
    } finally {
      cancelTimer()
      this.#streams.delete(stream)
    }
  }
}
