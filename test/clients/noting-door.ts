/** A plain door in front of a gateway that notes what comes through: what a program that is refused was told, how often. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class NotingDoor {
  readonly #server: Server
  readonly #statuses: number[] = []

  constructor(target: string) {
    this.#server = createServer((asked, reply) => {
      const { method = 'GET', url = '/', headers } = asked
      const onward = request(new URL(url, target), { method, headers: { ...headers, host: new URL(target).host } })
      onward.on('response', (answer) => {
        if (method === 'POST') this.#statuses.push(answer.statusCode ?? 0)
        reply.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(reply)
      })
      onward.on('error', () => reply.destroy())
      reply.on('close', () => onward.destroy())
      asked.pipe(onward)
    })
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The statuses of the answers to requests with a body since the last look. */
  taken(): readonly number[] {
    return this.#statuses.splice(0)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
