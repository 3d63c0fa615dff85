/** A plain door in front of a gateway that counts what comes through: how often a program asks when it is refused. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class CountingDoor {
  readonly #server: Server
  #count = 0

  constructor(target: string) {
    this.#server = createServer((asked, reply) => {
      if (asked.method === 'POST') this.#count += 1
      const { method = 'GET', url = '/', headers } = asked
      const onward = request(new URL(url, target), { method, headers: { ...headers, host: new URL(target).host } })
      onward.on('response', (answer) => {
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

  /** Requests with a body since the last look. */
  taken(): number {
    const count = this.#count
    this.#count = 0
    return count
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
