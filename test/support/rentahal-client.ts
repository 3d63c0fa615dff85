/**
 * A client of RENT-A-HAL's socket, written to what its interface is known to be: it keeps the cookie that it is given,
 * and pulls messages one by one.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Any message; its fields are looked at by the tests. */
export interface HalMessage {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: a test names the fields that it expects
  readonly [field: string]: any
}

export interface HalClientInit {
  readonly headers?: Readonly<Record<string, string>>
  /** The cookie of its browser. */
  readonly guid?: string
  readonly protocols?: readonly string[]
}

/** What a socket is told at first, without the cookie that some get before. */
export const GREETING = [
  'user_info',
  ...Array.from({ length: 6 }, () => 'sysop_message'),
  'previous_queries',
  'worker_update',
  'huggingface_update',
] as const

export class HalClient {
  readonly socket: WebSocket
  /** Who it is, once it was told. */
  guid: string
  /** What came at first. */
  greeting: readonly HalMessage[] = []
  readonly #messages: HalMessage[] = []
  #told: PromiseWithResolvers<void> | undefined

  constructor(port: number, { headers = {}, guid = '', protocols = [] }: HalClientInit = {}) {
    this.guid = guid
    const cookie = guid === '' ? {} : { cookie: `theme=dark; user_guid=${guid}` }
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, [...protocols], { headers: { ...cookie, ...headers } })
    this.socket.on('message', (data: Buffer) => {
      this.#messages.push(JSON.parse(data.toString()) as HalMessage)
      this.#told?.resolve()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => this.#told?.resolve())
  }

  /** Resolves once it was greeted; throws the status of a refusal. */
  async greeted(): Promise<this> {
    await this.opened()
    const first: HalMessage[] = []
    do first.push(await this.next())
    while (first.at(-1)?.type !== 'huggingface_update')
    for (const { type, value } of first) if (type === 'set_cookie') this.guid = value
    if (first.some(({ data }) => data?.is_sysop === true)) first.push(await this.next())
    this.greeting = first
    return this
  }

  /** Resolves once it is open; throws the status of a refusal. */
  async opened(): Promise<this> {
    const refused = once(this.socket, 'unexpected-response').then(([, response]) => {
      throw Object.assign(new Error('refused'), { status: response.statusCode })
    })
    refused.catch(() => {})
    if (this.socket.readyState === WebSocket.CONNECTING) await Promise.race([once(this.socket, 'open'), refused])
    return this
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The next message. Throws when the connection closes before. */
  async next(): Promise<HalMessage> {
    while (this.#messages.length === 0) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the connection is closed')
      this.#told = Promise.withResolvers<void>()
      await this.#told.promise
    }
    const [message] = this.#messages.splice(0, 1)
    if (message === undefined) throw new Error('no message')
    return message
  }

  /** The next message of the type; others before it are passed over. */
  async nextOf(type: string): Promise<HalMessage> {
    for (;;) {
      const message = await this.next()
      if (message.type === type) return message
    }
  }

  /** So many of the next messages. */
  async take(count: number): Promise<readonly HalMessage[]> {
    const taken: HalMessage[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }

  /** Sends a query of this type and returns all that comes until the queue has been told of again. */
  async ask(query: object): Promise<readonly HalMessage[]> {
    this.send({
      type: 'submit_query',
      query: { query_type: 'chat', model_type: 'worker_node', model_name: '', ...query },
    })
    const told: HalMessage[] = []
    let over = false
    for (;;) {
      const message = await this.next()
      told.push(message)
      if (message.type === 'query_result' || message.type === 'error') over = true
      else if (over && message.type === 'queue_update') return told
    }
  }

  /** Sends a picture in slices of so many characters, in the order that `order` makes of their numbers. */
  upload(picture: string, { slice, order, prompt = 'what is it?' }: UploadInit): number {
    const total = Math.ceil(picture.length / slice)
    for (const index of order(Array.from({ length: total }, (_, at) => at))) {
      this.send({
        ...{ type: 'vision_chunk', chunk_id: index, total_chunks: total, image_id: 1_700_000_000_000, prompt },
        ...{ query_type: 'vision', model_type: 'worker_node', model_name: '' },
        chunk_data: picture.slice(index * slice, (index + 1) * slice),
      })
    }
    return total
  }

  /** Resolves with the code once the socket is closed. */
  async closed(): Promise<number> {
    if (this.socket.readyState === WebSocket.CLOSED) return 0
    const [code] = await once(this.socket, 'close')
    return Number(code)
  }

  /** Resolves once what the node asked of it before is answered: pings go in turn with all else. */
  async alive(): Promise<void> {
    for (let turn = 0; turn < 2 && this.socket.readyState === WebSocket.OPEN; turn += 1) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.socket.on('pong', resolve).on('close', resolve).ping()
      await promise
      this.socket.off('pong', resolve).off('close', resolve)
    }
  }

  /** Leaves without a word. */
  leave(): void {
    this.socket.terminate()
  }
}

export interface UploadInit {
  readonly slice: number
  readonly order: (indexes: readonly number[]) => readonly number[]
  readonly prompt?: string
}
