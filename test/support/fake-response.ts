import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'

/** A response that keeps what is written and takes more only when told. */
export class FakeResponse extends Writable {
  readonly pieces: string[] = []
  headersSent = false
  /** Of the head. */
  headers: Readonly<Record<string, string>> = {}
  stalled = false
  #resume: (() => void) | undefined

  constructor() {
    super({ highWaterMark: 1, decodeStrings: false })
  }

  writeHead(_status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.headersSent = true
    this.headers = headers
    this.pieces.push('HEAD')
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.pieces.push(chunk)
    if (this.stalled) this.#resume = done
    else done()
  }

  /** As far as writers of answers look at one. */
  asServerResponse(): ServerResponse {
    return this as unknown as ServerResponse
  }

  goOn(): void {
    this.stalled = false
    this.#resume?.()
  }
}
