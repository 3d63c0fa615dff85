import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { GatheredBytes } from '../../../../gateway/request/gathered-bytes.ts'
import { readBody } from '../../../../gateway/request/read-body.ts'
import { seededRandom } from '../../../support/seeded-random.ts'

describe('bytes that come in pieces', () => {
  /** Bytes that differ from their neighbours. */
  const bytesOf = (length: number): Buffer =>
    Buffer.from(Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 256))

  it('are the same, whatever their sizes', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 50; round += 1) {
      const all = bytesOf(300_000)
      const gathered = new GatheredBytes()
      for (let at = 0; at < all.length; ) {
        const length = Math.floor(random() < 0.5 ? random() * 9 : random() * 20_000)
        gathered.add(all.subarray(at, at + length))
        at += length
        assert.equal(gathered.length, Math.min(at, all.length))
      }
      assert.deepEqual(gathered.take(), all)
      assert.deepEqual([gathered.length, gathered.take().length], [0, 0])
    }
  })

  it('are not copied where they are one', () => {
    const gathered = new GatheredBytes()
    const only = Buffer.from('hello')
    gathered.add(only)
    assert.equal(gathered.take(), only)
  })

  it('cost what they hold, as the body of a request too: a byte in a chunk of its own cost a hundred', async () => {
    const request = new IncomingMessage(new Socket())
    const body = readBody(request)
    const all = bytesOf(200_000)
    for (let at = 0; at < all.length; at += 1) request.emit('data', all.subarray(at, at + 1))
    const { concat } = Buffer
    let pieces = 0
    Buffer.concat = (list, length) => {
      pieces = list.length
      return concat(list, length)
    }
    try {
      request.emit('end')
      assert.deepEqual(await body, all)
    } finally {
      Buffer.concat = concat
    }
    assert.equal(pieces, 5) // the first, and four blocks
  })
})
