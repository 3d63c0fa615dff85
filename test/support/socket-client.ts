import { once } from 'node:events'
import { WebSocket } from 'ws'

/** An event of a response, or an error, as it came in a frame. */
export interface Frame {
  readonly type: string
  readonly sequence_number?: number
  readonly delta?: string
  readonly status?: number
  readonly error?: { readonly code: string; readonly message: string; readonly param: string | null }
  readonly response?: { readonly id: string; readonly status: string; readonly output: readonly object[] }
}

const LAST = new Set(['response.completed', 'response.failed', 'response.incomplete', 'error'])

/** A WebSocket whose frames are pulled. */
export class SocketClient {
  readonly socket: WebSocket
  readonly #frames: Frame[] = []
  #told: PromiseWithResolvers<void> | undefined

  constructor(port: number, headers: Record<string, string> = {}, path = '/v1/responses') {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
    this.socket.on('message', (data: Buffer) => {
      this.#frames.push(JSON.parse(data.toString()) as Frame)
      this.#told?.resolve()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => this.#told?.resolve())
  }

  /** Resolves once it is open; throws the status of a refusal. */
  async opened(): Promise<this> {
    const refused = once(this.socket, 'unexpected-response').then(([, response]) => {
      throw Object.assign(new Error('refused'), { status: response.statusCode })
    })
    await Promise.race([once(this.socket, 'open'), refused])
    refused.catch(() => {})
    return this
  }

  send(body: object): void {
    this.socket.send(JSON.stringify(body))
  }

  /** The next frame. Throws when the connection closes before. */
  async next(): Promise<Frame> {
    while (this.#frames.length === 0) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the connection is closed')
      this.#told = Promise.withResolvers<void>()
      await this.#told.promise
    }
    const [frame] = this.#frames.splice(0, 1)
    if (frame === undefined) throw new Error('no frame')
    return frame
  }

  /** Asks for a response and returns all of its frames. */
  async ask(body: object): Promise<readonly Frame[]> {
    this.send({ type: 'response.create', model: 'tiny', ...body })
    return await this.turn()
  }

  /** All frames of the response that runs. */
  async turn(): Promise<readonly Frame[]> {
    const frames: Frame[] = []
    for (;;) {
      const frame = await this.next()
      frames.push(frame)
      if (LAST.has(frame.type)) return frames
    }
  }
}

/** The text of a response. */
export function spoken(frames: readonly Frame[]): string {
  return frames.map(({ type, delta }) => (type === 'response.output_text.delta' ? delta : '')).join('')
}
