/** A query lane without the rules: for peers that break them. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { queryProtocol } from '../../protocols/query/constants.ts'
import { decodeAnswer, encodeAnswer } from '../../protocols/query/frames/answer-codec.ts'
import { decodeAsk } from '../../protocols/query/frames/ask-codec.ts'
import { FrameReader } from '../../protocols/query/frames/frame-reader.ts'
import { framed } from '../../protocols/query/frames/framing.ts'
import { type Answer, Ask } from '../../protocols/query/frames/messages.ts'
import { chatQuery } from './query.ts'

export class RawLane {
  readonly stream: Stream
  readonly #reader: FrameReader
  /** Resolves when the stream is over, with what it died of. */
  readonly closed: Promise<Error | undefined>

  constructor(stream: Stream) {
    this.stream = stream
    this.#reader = new FrameReader({ stream })
    this.closed = new Promise((resolve) => {
      stream.addEventListener('close', (event) => {
        resolve(event.error)
      })
    })
  }

  static async dial(from: Libp2p, to: Libp2p): Promise<RawLane> {
    return new RawLane(await from.dialProtocol(to.peerId, queryProtocol('test')))
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    this.stream.send(bytes)
  }

  ask(fields: Partial<Ask> = {}): void {
    const { id, type, realm, model, scope, hopsLeft, user } = chatQuery()
    const body = Buffer.from(JSON.stringify(chatQuery().body))
    const ask = {
      number: 1,
      id,
      type,
      realm,
      model,
      scope,
      hopsLeft,
      user,
      bodyBytes: body.byteLength,
      body,
      ...fields,
    }
    this.send(framed(Ask.encode(ask)))
  }

  answer(fields: Partial<Answer>): void {
    this.send(encodeAnswer({ number: 1, ...fields }))
  }

  async nextAnswer(): Promise<Answer> {
    return decodeAnswer(await this.#next())
  }

  async nextAsk(): Promise<Ask> {
    return decodeAsk(await this.#next())
  }

  async #next(): Promise<Uint8Array> {
    for (;;) {
      const frame = this.#reader.take()
      if (frame !== undefined) return frame
      if (this.#reader.ended) throw new Error('the lane ended')
      await this.#reader.wait()
    }
  }
}

/** A node on which every query lane is answered by `serve`. */
export async function serveRaw(node: Libp2p, serve: (lane: RawLane) => void): Promise<void> {
  await node.handle(queryProtocol('test'), (stream) => {
    serve(new RawLane(stream))
  })
}
