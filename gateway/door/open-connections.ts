/** The open connections of a server, so that it can end without waiting for clients that only keep one in reserve. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export class OpenConnections {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  /** Call before the server listens. `MAX_HTTP_CONNECTIONS` bounds what is kept. */
  constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Closes connections between two requests, and those that never sent one: Node does not count these as idle. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }

  /** Closes all, in the middle of an answer too. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}
