/**
 * A RENT-A-HAL host as its documents have it, with nothing that realmesh adds: no token, no model, no stream, one
 * worker that answers at once. It sends as the documents do, skips the source, and believes only status success.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Record<string, unknown>

export interface RentAHalHostInit {
  readonly federationId: string
  /** Whether it has a worker for chat; without one it asks the nodes that it knows. */
  readonly worker: boolean
  /** Base addresses of the nodes that it knows; a password may stand in them. @default [] */
  readonly knownNodes?: readonly string[]
}

export class RentAHalHost {
  /** What it was asked, in order. */
  readonly seen: { readonly method: string; readonly path: string; readonly body: Json }[] = []
  knownNodes: readonly string[]
  readonly #init: RentAHalHostInit
  readonly #server: Server
  readonly #nodes: Json[] = []

  constructor(init: RentAHalHostInit) {
    this.#init = init
    this.knownNodes = init.knownNodes ?? []
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What its users get: its own worker's answer, else that of the first known node which has one. */
  async answer(query: Json, source: string): Promise<string | undefined> {
    if (this.#init.worker) return `answered by ${this.#init.federationId}`
    for (const node of this.knownNodes) {
      if (source !== this.#init.federationId && node.includes(source)) continue
      const told = await this.#ask(node, {
        query_type: query['query_type'],
        query,
        source_federation: this.#init.federationId,
      })
      if (told?.['status'] === 'success') return String(told['result'])
    }
    return undefined
  }

  /** The address as an HTTP client of Python reads it: a user and password become basic access. */
  async #ask(node: string, body: Json): Promise<Json | undefined> {
    const { username, password, origin } = new URL(node)
    const basic = Buffer.from(`${username}:${password}`).toString('base64')
    const response = await fetch(`${origin}/api/federation/route`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(username !== '' && { authorization: `Basic ${basic}` }) },
      body: JSON.stringify(body),
    })
    return response.status === 200 ? ((await response.json()) as Json) : undefined
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const text = Buffer.concat(parts).toString('utf8')
    const body = (text === '' ? {} : JSON.parse(text)) as Json
    const { method = '', url: path = '' } = request
    this.seen.push({ method, path, body })
    const told = await this.#reply(`${method} ${path}`, body)
    response.writeHead(told === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(told ?? { detail: 'Not Found' }))
  }

  async #reply(asked: string, body: Json): Promise<Json | undefined> {
    const { federationId: federation_id, worker } = this.#init
    switch (asked) {
      case 'GET /api/federation/status': {
        const row = { workers: 0, connections: 0, queries_processed: 0, error_rate: 0 }
        return {
          federation_id,
          total_realms: 3,
          realms: ['chat', 'vision', 'imagine'].map((type) => ({
            ...{ name: `$${type.toUpperCase()}`, primary_type: type, ...row },
            ...(type === 'chat' && worker && { workers: 1 }),
          })),
          federation_metrics: {
            total_queries: 0,
            total_errors: 0,
            error_rate: 0,
            total_connections: 0,
            avg_processing_time: 0,
          },
        }
      }
      case 'POST /api/federation/join':
        if (!body['federation_id'] || !body['callback_url']) return { error: 'Invalid federation request' }
        return { status: 'accepted', federation_id, callback_url: this.url, realm_types: ['chat', 'vision', 'imagine'] }
      case 'POST /api/federation/advertise':
        if (!body['services']) return { status: 'error', message: 'Invalid service advertisement' }
        this.#nodes.push(body)
        return { status: 'accepted' }
      case 'GET /api/federation/discover':
        return { nodes: this.#nodes }
      case 'POST /api/federation/route': {
        const { query_type: type, query, source_federation: source } = body
        if (!type || !query || !source) return { error: 'Invalid routing request' }
        if (type !== 'chat') return { error: 'No route found for query type', federation_id }
        const result = await this.answer(query as Json, String(source))
        if (result === undefined) return { status: 'error', error: '503: No available worker nodes', federation_id }
        return { status: 'success', result, federation_id }
      }
      default:
        return undefined
    }
  }
}
