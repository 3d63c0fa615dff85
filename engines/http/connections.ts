/**
 * The connections to one engine, one request at a time on each. Of each it is known whether it has served before: only
 * then may it have died unnoticed, and a request that broke on it before a word came may be sent once more.
 */
import { Client } from 'undici'

/** A connection for one request. */
export interface Lease {
  readonly client: Client
  /** Whether it has served before. */
  readonly used: boolean
}

export class Connections {
  readonly #origin: string
  readonly #options: Client.Options
  readonly #all = new Set<Client>()
  /** Connections without a request, the one that served last at the end. */
  readonly #idle: Client[] = []

  constructor(origin: string, options: Client.Options) {
    this.#origin = origin
    this.#options = options
  }

  /** A connection that is idle, or a new one; `fresh`: a new one in any case. */
  take({ fresh }: { readonly fresh: boolean }): Lease {
    const idle = fresh ? undefined : this.#idle.pop()
    return idle === undefined ? { client: this.#connect(), used: false } : { client: idle, used: true }
  }

  /** The connection's reply was read to its end. */
  giveBack(client: Client): void {
    if (this.#all.has(client)) this.#idle.push(client)
  }

  /** Closes the connection at once. */
  drop(client: Client): void {
    this.#all.delete(client)
    void client.destroy()
  }

  /** Closes all. */
  async destroy(): Promise<void> {
    const all = [...this.#all]
    this.#all.clear()
    this.#idle.length = 0
    await Promise.all(all.map((client) => client.destroy()))
  }

  #connect(): Client {
    const client = new Client(this.#origin, this.#options)
    this.#all.add(client)
    client.on('disconnect', () => {
      const at = this.#idle.indexOf(client)
      if (at < 0) return // its request is told of it
      this.#idle.splice(at, 1)
      this.drop(client)
    })
    return client
  }
}
