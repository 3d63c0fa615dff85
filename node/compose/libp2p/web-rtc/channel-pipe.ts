/**
 * A WebRTC connection as one stream of bytes: all goes over one data channel. Data channels know no way to make a
 * sender wait, so that a slow reader would be sent megabytes; over one of them runs the muxer of every other
 * connection, with its windows, its guard and its limits.
 */
import type { AbortOptions, MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { RealmeshError } from '../../../../core/realmesh-error.ts'

/**
 * Bytes that may have come and not been looked at: the windows of sixteen streams. More only comes while the guard lets
 * a peer wait, or from one that keeps to no window.
 */
export const MAX_UNREAD_PIPE_BYTES = 16 * 2 ** 20

export interface ChannelPipeComponents {
  /** Of the WebRTC connection; closed and aborted with this one. */
  readonly connection: MessageStream
  /** Opens data channels, and tells of the peer's. */
  readonly channels: StreamMuxer
}

/** The side that dialled opens the channel. */
export class ChannelPipe extends AbstractMessageStream {
  readonly #connection: MessageStream
  #channel: Stream | undefined

  constructor({ connection, channels }: ChannelPipeComponents) {
    const { direction, log } = connection
    super({ direction, log: log.newScope('pipe'), maxReadBufferLength: MAX_UNREAD_PIPE_BYTES })
    this.#connection = connection
    channels.addEventListener('stream', ({ detail }) => this.#use(detail))
    connection.addEventListener('close', ({ error }) => this.onTransportClosed(error))
    if (direction === 'inbound') return
    channels.createStream().then(
      (channel) => this.#use(channel),
      (error: Error) => this.abort(error),
    )
  }

  sendData(data: Uint8ArrayList): SendResult {
    const channel = this.#channel
    if (channel === undefined) return { sentBytes: 0, canSendMore: false }
    return { sentBytes: data.byteLength, canSendMore: channel.send(data) }
  }

  sendReset(error: Error): void {
    this.#connection.abort(error)
  }

  /** A data channel cannot be paused: what comes meanwhile is kept, up to a bound. */
  sendPause(): void {}

  sendResume(): void {}

  async close(options?: AbortOptions): Promise<void> {
    await this.#connection.close(options)
  }

  #use(channel: Stream): void {
    if (this.#channel !== undefined) {
      this.abort(new RealmeshError('PROTOCOL_ERROR', 'a second data channel of one connection'))
      return
    }
    this.#channel = channel
    channel.addEventListener('message', ({ data }) => this.onData(data))
    channel.addEventListener('drain', () => this.safeDispatchEvent('drain'))
    channel.addEventListener('close', ({ error }) => {
      this.onTransportClosed(error)
      if (this.#connection.status === 'open') this.#connection.abort(error ?? new RealmeshError('PEER_LOST', 'closed'))
    })
    this.safeDispatchEvent('drain')
  }
}
