/** One end of a conversation about pairing: messages in order, signs of life in between, a reason at the end. */
import type { Stream } from '@libp2p/interface'
import { type ProtobufStream, pbStream } from '@libp2p/utils'
import { cleanText } from '../../core/clean-text.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { ALIVE_EVERY_MS, MAX_PAIR_FRAME_BYTES } from './constants.ts'
import { WirePair } from './messages.ts'

/** Longest reason that is read from the other end. */
const MAX_REASON_LENGTH = 256

/** What a message may hold, of which each has one. */
export type PairField = Exclude<keyof WirePair, 'refusal'>

export interface PairLineComponents {
  readonly clock: Pick<Clock, 'after'>
}

export class PairLine {
  readonly #stream: Stream
  readonly #messages: ProtobufStream<Stream>
  readonly #clock: PairLineComponents['clock']
  #cancelAlive = (): void => {}

  constructor(stream: Stream, { clock }: PairLineComponents) {
    this.#stream = stream
    this.#messages = pbStream(stream, { maxDataLength: MAX_PAIR_FRAME_BYTES })
    this.#clock = clock
    this.#liveOn()
  }

  /** Sends what one field holds. */
  async send(message: Partial<WirePair>, signal: AbortSignal): Promise<void> {
    await this.#messages.write(message, WirePair, { signal })
  }

  /**
   * What the next message holds, which must be that. Throws `PAIRING_REFUSED` with the other end's reason,
   * `PROTOCOL_ERROR` for another message, and what a broken stream throws. One at a time.
   */
  async take<K extends PairField>(field: K, signal: AbortSignal): Promise<NonNullable<WirePair[K]>> {
    for (;;) {
      const message = await this.#messages.read(WirePair, { signal })
      if (message.refusal !== undefined) {
        throw new RealmeshError('PAIRING_REFUSED', cleanText(message.refusal, MAX_REASON_LENGTH) || 'it said no')
      }
      const value = message[field]
      if (value !== undefined && value !== null) return value
      if (Object.values(message).some((other) => other !== undefined)) {
        throw new RealmeshError('PROTOCOL_ERROR', `the other node said something else than ${field}`)
      }
    }
  }

  /** Ends it well. */
  async close(): Promise<void> {
    this.#cancelAlive()
    await this.#stream.close()
  }

  /** Ends it with a reason for the other end, as far as it still listens. Never rejects. */
  async refuse(reason: string, signal: AbortSignal): Promise<void> {
    this.#cancelAlive()
    try {
      await this.send({ refusal: reason }, signal)
      await this.#stream.close({ signal })
    } catch (error) {
      this.#stream.abort(error as Error)
    }
  }

  /** Streams that are silent for minutes are cut, and an owner may need minutes. */
  #liveOn(): void {
    this.#cancelAlive = this.#clock.after(ALIVE_EVERY_MS, () => {
      this.#messages.write({}, WirePair).catch(() => {}) // the reader of this end is told that the stream broke
      this.#liveOn()
    })
  }
}
