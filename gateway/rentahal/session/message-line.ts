/** The messages of one socket, handled one behind the other. While many wait, its client is not read. */
import type { WebSocket } from 'ws'

/** Messages that wait before no more are read: a picture in slices is some of them. */
export const MAX_WAITING_MESSAGES = 64

export interface MessageLineComponents {
  readonly socket: Pick<WebSocket, 'pause' | 'resume' | 'isPaused'>
  /** Never rejects. */
  readonly handle: (message: Buffer) => Promise<void>
  /** Comes before the first of them. Never rejects. */
  readonly first: () => Promise<void>
}

export class MessageLine {
  readonly #to: MessageLineComponents
  readonly #waiting: Buffer[] = []
  #busy = false
  #begun = false
  #stopped = false

  constructor(components: MessageLineComponents) {
    this.#to = components
  }

  begin(): void {
    void this.#run()
  }

  add(message: Buffer): void {
    if (this.#stopped) return
    this.#waiting.push(message)
    if (this.#waiting.length >= MAX_WAITING_MESSAGES) this.#to.socket.pause()
    void this.#run()
  }

  /** What waits is forgotten. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
  }

  async #run(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    if (!this.#begun) {
      this.#begun = true
      await this.#to.first()
    }
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await this.#to.handle(next)
      if (this.#to.socket.isPaused && this.#waiting.length < MAX_WAITING_MESSAGES / 2) this.#to.socket.resume()
    }
    this.#busy = false
  }
}
