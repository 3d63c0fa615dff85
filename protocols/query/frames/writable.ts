import type { Stream } from '@libp2p/interface'

/**
 * Resolves when `stream` takes more; rejects when it is closed first. Use: `if (!stream.send(frame)) await writable(stream)`.
 * A loop over the `drain` event, because `stream.onDrain()` keeps its first promise and never waits again.
 */
export async function writable(stream: Stream): Promise<void> {
  while (stream.writableNeedsDrain) {
    if (stream.status !== 'open') throw new Error(`the stream is ${stream.status}`)
    await new Promise<void>((resolve, reject) => {
      const release = (): void => {
        stream.removeEventListener('drain', drained)
        stream.removeEventListener('close', closed)
      }
      const drained = (): void => {
        release()
        resolve()
      }
      const closed = (event: Event & { error?: Error }): void => {
        release()
        reject(event.error ?? new Error('the stream closed before it took all'))
      }
      stream.addEventListener('drain', drained)
      stream.addEventListener('close', closed)
    })
  }
}
