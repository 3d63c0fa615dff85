/**
 * An HTTP client that costs next to nothing: the same bytes over kept connections, and of an answer no more is read
 * than its status, its body and its end. With a full client in its place the loader is the busiest process of the
 * machine: targets then never run at full speed, and the thin ones look dearest, since a process that waits between two
 * requests pays for a wake-up with each.
 */
import { connect, type Socket } from 'node:net'

/** What becomes of one request. */
export interface AnswerReader {
  /** A piece of the body as it came, chunk sizes included. */
  onData(bytes: string): void
  /** The whole answer is there. */
  onEnd(status: number): void
  /** The connection failed or closed before the end. */
  onError(error: Error): void
}

const HEAD_END = '\r\n\r\n'
/** The end of a body that came in chunks. */
const LAST_CHUNK = '0\r\n\r\n'
/** `HTTP/1.1 200`: where the status stands. */
const STATUS_AT = 9

/** Sends one request again and again; as many connections as requests are under way, each kept for the next. */
export class RawClient {
  readonly #url: URL
  readonly #request: Buffer
  readonly #idle: Connection[] = []

  constructor(url: URL, body: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url
    const all = { host: url.host, 'content-type': 'application/json', ...headers }
    const lines = Object.entries({ ...all, 'content-length': Buffer.byteLength(body) }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    this.#request = Buffer.from(`POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  }

  ask(reader: AnswerReader): void {
    const connection = this.#idle.pop() ?? new Connection(this.#url, this.#idle)
    connection.send(this.#request, reader)
  }
}

class Connection {
  readonly #socket: Socket
  readonly #idle: Connection[]
  #reader: AnswerReader | undefined
  /** Bytes of the head, until it is whole. */
  #head = ''
  #status = 0
  /** Bytes of the body still to come; undefined for a body in chunks. */
  #left: number | undefined
  /** The last bytes of a body in chunks, to see its end across reads. */
  #tail = ''

  constructor(url: URL, idle: Connection[]) {
    this.#idle = idle
    this.#socket = connect({ port: Number(url.port), host: url.hostname, noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (bytes: string) => this.#read(bytes))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the connection closed')))
  }

  send(request: Buffer, reader: AnswerReader): void {
    this.#reader = reader
    this.#status = 0
    this.#head = ''
    this.#socket.write(request)
  }

  #read(bytes: string): void {
    if (this.#status !== 0) {
      this.#readBody(bytes)
      return
    }
    this.#head += bytes
    const end = this.#head.indexOf(HEAD_END)
    if (end === -1) return
    this.#status = Number(this.#head.slice(STATUS_AT, STATUS_AT + 3))
    const length = /content-length: *(\d+)/i.exec(this.#head.slice(0, end))?.[1]
    this.#left = length === undefined ? undefined : Number(length)
    this.#tail = ''
    this.#readBody(this.#head.slice(end + HEAD_END.length))
  }

  #readBody(bytes: string): void {
    if (bytes !== '') this.#reader?.onData(bytes)
    if (this.#left !== undefined) this.#left -= bytes.length
    else this.#tail = (this.#tail + bytes).slice(-LAST_CHUNK.length)
    if (this.#left === undefined ? this.#tail === LAST_CHUNK : this.#left <= 0) this.#end()
  }

  #end(): void {
    const [reader, status] = [this.#reader, this.#status]
    this.#reader = undefined
    this.#idle.push(this)
    reader?.onEnd(status)
  }

  /** The loader asks anew over another connection; a kept one that closed while idle is only forgotten. */
  #fail(error: Error): void {
    const at = this.#idle.indexOf(this)
    if (at !== -1) this.#idle.splice(at, 1)
    this.#reader?.onError(error)
    this.#reader = undefined
    this.#socket.destroy()
  }
}
