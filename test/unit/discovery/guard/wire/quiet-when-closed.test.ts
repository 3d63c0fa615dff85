import assert from 'node:assert/strict'
import { once } from 'node:events'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { quietWhenClosed } from '../../../../../discovery/guard/wire/quiet-when-closed.ts'

describe('a connection that is closed already', () => {
  /** What ends the process: an error that nobody catches. */
  async function uncaught(task: () => void): Promise<readonly unknown[]> {
    const caught: unknown[] = []
    const mochas = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => caught.push(error))
    try {
      task()
      await new Promise((resolve) => setImmediate(resolve))
      return caught
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of mochas) process.on('uncaughtException', listener)
    }
  }

  /** A stream is opened on a connection that is being closed. */
  function openLate(quiet: boolean): void {
    const [connection] = multiaddrConnectionPair()
    if (quiet) quietWhenClosed(connection)
    const muxer = yamux()().createStreamMuxer(connection)
    void connection.close()
    void muxer.createStream()
  }

  it('is written to by yamux in a moment when nobody catches what it throws', async () => {
    assert.equal((await uncaught(() => openLate(false))).length, 1)
  })

  it('takes what is written, and sends nothing', async () => {
    assert.deepEqual(await uncaught(() => openLate(true)), [])
  })

  it('sends as ever while it is open', async () => {
    const [connection, far] = multiaddrConnectionPair()
    quietWhenClosed(connection)
    const [[arrived]] = await Promise.all([once(far as never, 'message'), connection.send(new Uint8Array([7]))])
    assert.deepEqual((arrived as { data: Uint8Array }).data.slice(), new Uint8Array([7]))
  })
})
