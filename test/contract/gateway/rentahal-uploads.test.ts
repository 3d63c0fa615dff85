/** Pictures in slices over RENT-A-HAL's socket. */
import assert from 'node:assert/strict'
import { MAX_UPLOADS, UPLOAD_PATIENCE_MS } from '../../../gateway/rentahal/uploads.ts'
import type { HalClient } from '../../support/rentahal-client.ts'
import { HalHouse, picturesAsked } from '../../support/rentahal-house.ts'
import { seededRandom } from '../../support/seeded-random.ts'

/** As RENT-A-HAL's page cuts it. */
const SLICE = 1_048_576

const shuffled = (seed: number) => (indexes: readonly number[]) => {
  const random = seededRandom(seed)
  return indexes
    .map((index) => ({ index, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ index }) => index)
}
const inOrder = (indexes: readonly number[]): readonly number[] => indexes

describe('a picture in slices', () => {
  let house: HalHouse
  let client: HalClient
  beforeEach(async () => {
    house = await new HalHouse().start()
    client = await house.client()
  })
  afterEach(() => house.stop())

  it('of ten megabytes comes whole, in whatever order', async () => {
    const picture = Buffer.alloc(10_000_000, 'a picture of every byte').toString('base64')
    const slices = client.upload(picture, { slice: SLICE, order: shuffled(7) })
    assert.equal(slices, 13)
    const received = { type: 'vision_chunk_received', message: 'Chunk received' }
    for (const message of await client.take(slices - 1)) assert.deepEqual(message, received)
    assert.equal((await client.next()).type, 'queue_update')
    const complete = { type: 'vision_upload_complete', message: 'Image upload complete and processed' }
    assert.deepEqual(await client.next(), complete)
    const result = await client.nextOf('query_result')
    assert.deepEqual([result.result, result.result_type], ['answer to what is it?', 'text'])
    const [asked] = house.node.asked
    assert.ok(asked !== undefined && picturesAsked(asked)[0] === picture)
  })

  it('of one slice is complete at once', async () => {
    client.upload('AAAA', { slice: SLICE, order: inOrder })
    assert.deepEqual(
      (await client.take(2)).map(({ type }) => type),
      ['queue_update', 'vision_upload_complete'],
    )
  })

  it('is another picture on each socket, whatever they call it', async () => {
    const other = await house.client()
    client.upload('AAAABBBB', { slice: 4, order: () => [0] })
    other.upload('CCCCDDDD', { slice: 4, order: () => [1] })
    assert.equal((await client.next()).type, 'vision_chunk_received')
    assert.equal((await other.next()).type, 'vision_chunk_received')
    client.upload('AAAABBBB', { slice: 4, order: () => [1] })
    await client.nextOf('query_result')
    assert.deepEqual(house.node.asked.map(picturesAsked), [['AAAABBBB']])
  })

  it('that stops coming is dropped after its time, and told', async () => {
    client.upload('AAAABBBB', { slice: 4, order: () => [0] })
    await client.next()
    await house.pass(UPLOAD_PATIENCE_MS, 1_000)
    assert.match((await client.nextOf('error')).message, /rest of a picture did not come/)
    client.upload('AAAABBBB', { slice: 4, order: () => [1] })
    assert.equal((await client.next()).type, 'vision_chunk_received')
  })

  it('is refused where it does not fit together, or too many are on their way', async () => {
    const chunk = { type: 'vision_chunk', chunk_id: 0, total_chunks: 2, chunk_data: 'AAAA', image_id: 'a', prompt: '' }
    client.send(chunk)
    await client.next()
    client.send({ ...chunk, chunk_id: 1, total_chunks: 3 })
    assert.match((await client.next()).message, /do not fit together/)
    client.send({ ...chunk, chunk_id: 2 })
    assert.match((await client.next()).message, /do not fit together/)
    for (const bad of [{ chunk_id: -1 }, { total_chunks: 1e9 }, { chunk_id: 1e9 }, { total_chunks: 0 }]) {
      client.send({ ...chunk, ...bad })
      assert.equal((await client.next()).type, 'error')
    }
    for (let count = 0; count < MAX_UPLOADS; count += 1) {
      client.send({ ...chunk, image_id: `picture ${count}` })
      assert.equal((await client.next()).type, 'vision_chunk_received')
    }
    client.send({ ...chunk, image_id: 'one more' })
    assert.equal((await client.next()).message, 'Queue is full, please try again later')
    assert.equal(house.node.asked.length, 0)
  })

  it('that is none is an error of its query', async () => {
    client.upload('!!!!', { slice: SLICE, order: inOrder })
    assert.match((await client.nextOf('error')).message, /not base64/)
    assert.deepEqual(await client.next(), { type: 'queue_update', depth: 0, total: 0 })
  })
})
