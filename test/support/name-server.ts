/** A name server on loopback that knows TXT records and nothing else, for a real resolver to ask. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

const TXT = 16
const NAME_ERROR = 3
/** A response to a recursive question, with recursion available. */
const ANSWER = 0x8180
/** The name of an answer is that of the question, which begins at byte 12. */
const SAME_NAME = 0xc00c
const TTL_SECONDS = 60
/** Longest part of a TXT record. */
const PART_BYTES = 255

export class NameServer {
  /** Texts by name. A name that is not here does not exist. */
  readonly records = new Map<string, readonly string[]>()
  /** While true nothing is answered. */
  silent = false
  /** Questions so far. */
  asked = 0
  readonly #socket: Socket = createSocket('udp4')

  /** As a resolver takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async start(): Promise<void> {
    this.#socket.on('message', (question, { port, address }) => {
      this.asked += 1
      if (!this.silent) this.#socket.send(this.#answerTo(question), port, address)
    })
    this.#socket.bind(0, '127.0.0.1')
    await once(this.#socket, 'listening')
  }

  stop(): void {
    this.#socket.close()
  }

  #answerTo(question: Buffer): Buffer {
    const { name, end } = nameAt(question, 12)
    const texts = this.records.get(name.toLowerCase())
    const asked = question.subarray(12, end + 4)
    const header = Buffer.alloc(12)
    question.copy(header, 0, 0, 2)
    header.writeUInt16BE(texts === undefined ? ANSWER | NAME_ERROR : ANSWER, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(texts?.length ?? 0, 6)
    return Buffer.concat([header, asked, ...(texts ?? []).map(answer)])
  }
}

function answer(text: string): Buffer {
  const bytes = Buffer.from(text)
  const parts: Buffer[] = []
  for (let from = 0; from < bytes.length; from += PART_BYTES) {
    const part = bytes.subarray(from, from + PART_BYTES)
    parts.push(Buffer.from([part.length]), part)
  }
  const data = Buffer.concat(parts)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(SAME_NAME, 0)
  head.writeUInt16BE(TXT, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(TTL_SECONDS, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function nameAt(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = start
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), end: at + 1 }
}
