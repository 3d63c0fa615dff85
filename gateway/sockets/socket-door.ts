/** The WebSockets of one path: all that are open, and how they end. */
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { BodyBudget, BodyShare } from '../request/body-budget.ts'
import { MAX_REQUEST_BYTES } from '../request/limits.ts'
import type { Upgrade } from './upgrades.ts'

/** A socket that has just opened. */
export interface OpenedSocket extends Pick<Upgrade, 'request'> {
  readonly socket: WebSocket
  /** What it is made of. */
  readonly connection: Duplex
  /** Its part of the memory for messages: of those that arrive, wait or are answered. */
  readonly share: BodyShare
}

/** What is spoken on one socket. */
export interface SpokenSocket {
  /** Ends it, behind what runs on it. */
  stop(): void
}

export interface SocketDoorComponents {
  /** Counts what is held of messages, with the bodies of requests. */
  readonly budget: BodyBudget
  readonly begin: (opened: OpenedSocket) => SpokenSocket
}

export interface SocketDoorInit {
  /** Bytes of the longest message. @default MAX_REQUEST_BYTES */
  readonly maxMessageBytes?: number
}

export class SocketDoor {
  readonly #components: SocketDoorComponents
  readonly #open = new Set<SpokenSocket>()
  readonly #server: WebSocketServer

  constructor(components: SocketDoorComponents, { maxMessageBytes = MAX_REQUEST_BYTES }: SocketDoorInit = {}) {
    this.#components = components
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: maxMessageBytes,
      // A thousand streams would each hold a compressor; words are short.
      perMessageDeflate: false,
    })
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size
  }

  /** Opens one for a request that was let in. The server's connections bound how many there are. */
  open({ request, socket: connection, head }: Upgrade): void {
    const { budget, begin } = this.#components
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      const spoken = begin({ request, socket, connection, share: budget.shareOf(connection) })
      this.#open.add(spoken)
      socket.once('close', () => this.#open.delete(spoken))
    })
  }

  /** Ends each behind what runs on it. */
  stop(): void {
    for (const spoken of this.#open) spoken.stop()
  }
}
