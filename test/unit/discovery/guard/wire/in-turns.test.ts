import assert from 'node:assert/strict'
import { inTurns, type Passing, WAIT_MS } from '../../../../../discovery/guard/wire/in-turns.ts'
import { FakeStream } from '../../../../support/fake-stream.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

const turn = (): Promise<void> => new Promise(setImmediate)

/** As libp2p's: what is put back is delivered by `resume`. */
class BufferedStream extends FakeStream {
  resumeFails = false
  #back: Uint8Array[] = []

  unshift(data: Uint8Array): void {
    this.#back.unshift(data)
  }

  override resume(): void {
    super.resume()
    for (const data of this.#back.splice(0)) this.receive(data)
    if (this.resumeFails) throw new Error('Cannot write to a stream that is closed')
  }
}

function setUp(perTurn: (data: Uint8Array) => ReturnType<Passing>) {
  const clock = new ManualClock()
  const stream = new BufferedStream()
  const read: number[][] = []
  inTurns(stream.stream, (data) => perTurn(data.subarray()), clock.after.bind(clock))
  stream.addEventListener('message', (event) => read.push([...(event as Event & { data: Uint8Array }).data]))
  return { clock, stream, read }
}

describe('bytes in turns', () => {
  it('reach the reader at once where all may pass', () => {
    const { stream, read } = setUp((data) => data.byteLength)
    stream.receive(Uint8Array.of(1, 2, 3))
    assert.deepEqual(read, [[1, 2, 3]])
    assert.equal(stream.readStatus, 'readable')
  })

  it('reach the reader part by part, in order, while the peer waits', async () => {
    const { stream, read } = setUp(() => 2)
    stream.receive(Uint8Array.of(1, 2, 3, 4))
    assert.deepEqual(read, [[1, 2]])
    assert.equal(stream.readStatus, 'paused')
    await turn()
    assert.deepEqual(read, [
      [1, 2],
      [3, 4],
    ])
    assert.equal(stream.readStatus, 'readable')
  })

  it('are held back for a while, all of them, when none may pass', () => {
    let crowded = true
    const { clock, stream, read } = setUp((data) => (crowded ? 'wait' : data.byteLength))
    stream.receive(Uint8Array.of(1, 2))
    clock.advance(WAIT_MS)
    assert.deepEqual(read, [])
    assert.equal(stream.readStatus, 'paused')
    crowded = false
    clock.advance(WAIT_MS)
    assert.deepEqual(read, [[1, 2]])
    assert.equal(stream.readStatus, 'readable')
  })

  it('are kept for a reader that pauses the stream itself, until it goes on', async () => {
    const { stream, read } = setUp(() => 2)
    stream.addEventListener('message', () => stream.pause(), { once: true })
    stream.receive(Uint8Array.of(1, 2, 3))
    await turn()
    assert.deepEqual([read, stream.readStatus], [[[1, 2]], 'paused'])
    stream.resume()
    assert.deepEqual(read, [[1, 2], [3]])
    await turn()
    assert.deepEqual([read.length, stream.readStatus], [2, 'readable'])
  })

  it('do not reach the reader of a stream that is ended for them', async () => {
    const { stream, read } = setUp(() => {
      stream.abort(new Error('too many'))
      return undefined
    })
    stream.receive(Uint8Array.of(1))
    await turn()
    assert.deepEqual(read, [])
  })

  it('end their stream, and nothing else, when it can no longer go on', async () => {
    const { stream } = setUp((data) => Math.min(1, data.byteLength))
    stream.resumeFails = true
    stream.receive(Uint8Array.of(1, 2))
    await turn()
    assert.equal(stream.status, 'aborted')
  })
})
