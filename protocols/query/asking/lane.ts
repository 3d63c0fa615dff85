/** The asker's end of a lane: a stream to one peer that carries one query at a time. */
import type { Query } from '../../../core/query/query.ts'
import { askFrames } from '../frames/ask-codec.ts'
import { FrameReader } from '../frames/frame-reader.ts'
import { writable } from '../frames/framing.ts'
import type { LaneStream, Link } from '../link.ts'

export interface LaneComponents {
  readonly stream: LaneStream
  /** Monotonic milliseconds. */
  readonly now: () => number
}

export interface LaneInit {
  /** What it was opened on. */
  readonly link: Link
  /** A first guess of the round trip: what the opening of the stream took. */
  readonly rttMs: number
}

export class Lane {
  readonly peer: string
  readonly link: Link
  readonly stream: LaneStream
  readonly reader: FrameReader
  /** Smoothed round trip of the first frames. */
  rttMs: number
  /** When the last byte came. */
  heardAt: number
  /** Since when it rests in the pool. */
  restingSince: number
  /** When the stream last took a part of the query that is being sent. */
  sentAt: number
  #number = 0

  constructor(components: LaneComponents, init: LaneInit) {
    const { stream, now } = components
    this.link = init.link
    this.peer = init.link.peer
    this.rttMs = init.rttMs
    this.stream = stream
    this.heardAt = this.restingSince = this.sentAt = now()
    const onBytes = (): void => {
      this.heardAt = now()
    }
    this.reader = new FrameReader({ stream }, { onBytes })
  }

  /** Whether another query can be sent on it. Bytes that were not asked for make it unfit. */
  get usable(): boolean {
    const { status, writeStatus } = this.stream
    return status === 'open' && writeStatus === 'writable' && !this.reader.ended && !this.reader.hasUnread
  }

  /** The number of the next query. */
  nextNumber(): number {
    this.#number += 1
    return this.#number
  }

  /**
   * Sends a query; resolves when the stream has taken it. To false, when the server spoke before it had all: it
   * refuses, and what was not sent would be thrown away.
   */
  async ask(number: number, query: Query, body: Uint8Array<ArrayBuffer>, now: () => number): Promise<boolean> {
    this.sentAt = now()
    let begun = false
    for (const frame of askFrames(number, query, body)) {
      if (begun && this.reader.hasUnread) return false
      begun = true
      this.stream.send(frame)
      if (this.stream.writableNeedsDrain) await writable(this.stream)
      this.sentAt = now()
    }
    return true
  }

  /** Ends it at once; the server stops what it does for us. */
  reset(error: Error): void {
    this.reader.fail(error)
    this.reader.close()
    this.stream.abort(error)
  }

  /** Ends a lane at rest. */
  close(): void {
    this.reader.close()
    this.stream.close().catch((error: Error) => {
      this.stream.abort(error)
    })
  }
}
