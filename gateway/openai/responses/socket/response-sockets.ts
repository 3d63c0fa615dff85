/** The WebSockets of `/v1/responses`: all that are open, and how they end. */
import { WebSocketServer } from 'ws'
import type { BodyBudget } from '../../../request/body-budget.ts'
import { MAX_REQUEST_BYTES } from '../../../request/limits.ts'
import { SocketSession, type SocketSessionComponents } from './socket-session.ts'
import type { Upgrade } from './upgrades.ts'

export interface ResponseSocketsComponents extends Omit<SocketSessionComponents, 'socket' | 'connection' | 'share'> {
  /** Counts what is held of messages, with the bodies of requests. */
  readonly budget: BodyBudget
}

export class ResponseSockets {
  readonly #components: ResponseSocketsComponents
  readonly #sessions = new Set<SocketSession>()
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_REQUEST_BYTES,
    // A thousand streams would each hold a compressor; words are short.
    perMessageDeflate: false,
  })

  constructor(components: ResponseSocketsComponents) {
    this.#components = components
  }

  /** Opens one for a request that the door let pass. The server's connections bound how many there are. */
  open({ request, socket, head }: Upgrade): void {
    const { headers } = request
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      const { budget, ...components } = this.#components
      const own = { socket: opened, connection: socket, share: budget.shareOf(socket) }
      const session = new SocketSession({ ...components, ...own }, { headers })
      this.#sessions.add(session)
      opened.once('close', () => this.#sessions.delete(session))
    })
  }

  /** Closes each behind the response that runs on it. */
  stop(): void {
    for (const session of this.#sessions) session.stop()
  }
}
