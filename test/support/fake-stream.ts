import type { Stream } from '@libp2p/interface'

/** A libp2p stream in the test's hands: what was sent on it, what it receives, whether it is full. */
export class FakeStream extends EventTarget {
  status = 'open'
  writeStatus = 'writable'
  readStatus = 'readable'
  readableEnded = false
  writableNeedsDrain = false
  readonly sent: Uint8Array[] = []
  /** Why it was reset. */
  aborted: Error | undefined
  onSend: (bytes: Uint8Array) => void = () => {}

  /** As what the sources take. */
  get stream(): Stream {
    return this as unknown as Stream
  }

  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    this.onSend(bytes)
    return !this.writableNeedsDrain
  }

  receive(bytes: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data: bytes }))
  }

  drain(): void {
    this.writableNeedsDrain = false
    this.dispatchEvent(new Event('drain'))
  }

  /** The other end will send nothing more. */
  end(): void {
    this.readableEnded = true
    this.dispatchEvent(new Event('end'))
  }

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    this.readStatus = 'readable'
  }

  abort(error: Error): void {
    this.status = 'aborted'
    this.aborted = error
    this.dispatchEvent(Object.assign(new Event('close'), { error }))
  }

  async close(): Promise<void> {
    this.status = 'closed'
  }
}
