import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import { collect, textOf } from '../../support/collect.ts'
import { QueryPair } from '../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../support/query.ts'

/** `FrameType.WindowUpdate` of yamux. */
const WINDOW_UPDATE = 1
const FIRST_WINDOW_BYTES = 256 * 1024

type Yamux = Stream & { sendFrame(frame: { readonly type: number }, data?: unknown): boolean }

/** Counts the window updates that the asker sends from now on. */
function countUpdates(pair: QueryPair): () => number {
  let updates = 0
  for (const stream of pair.asker.getConnections().flatMap(({ streams }) => streams) as Yamux[]) {
    const send = stream.sendFrame
    stream.sendFrame = (frame, data) => {
      if (frame.type === WINDOW_UPDATE) updates += 1
      return send(frame, data)
    }
  }
  return () => updates
}

describe('the window of a lane', () => {
  let pair: QueryPair

  /**
   * A pair whose server answers with as many pieces of `piece`, each in a frame of its own, as the model's name says.
   */
  const start = async (piece: string): Promise<void> => {
    pair = await QueryPair.start(async function* ({ model }) {
      for (let sent = 0; sent < Number(model); sent += 1) {
        yield { kind: 'text', text: piece }
        await turn()
      }
      yield { kind: 'end', finishReason: 'stop' }
    })
    await collect(pair.ask(chatQuery({ model: '1' }))) // opens the lane
  }

  afterEach(async () => {
    await pair.stop()
  })

  it('is not given back token by token', async () => {
    await start('token ')
    const updates = countUpdates(pair)
    assert.equal(textOf(await collect(pair.ask(chatQuery({ model: '400' })))), 'token '.repeat(400))
    assert.equal(updates(), 0)
  })

  it('is given back in time, so that an answer many times its size arrives', async () => {
    const piece = 'x'.repeat(16 * 1024)
    const pieces = (8 * FIRST_WINDOW_BYTES) / piece.length
    await start(piece)
    const updates = countUpdates(pair)
    assert.equal(textOf(await collect(pair.ask(chatQuery({ model: String(pieces) })))).length, pieces * piece.length)
    assert.ok(updates() > 0 && updates() <= 16, `${updates()} updates`)
  })
})
