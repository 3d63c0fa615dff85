/** What RENT-A-HAL's socket takes, and where it says no. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { MAX_SOCKET_QUERIES } from '../../../gateway/rentahal/session/socket-queries.ts'
import { MAX_NEW_VISITORS } from '../../../gateway/rentahal/visitors.ts'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import { answered, HalHouse, picturesAsked, textAsked } from '../../support/rentahal-house.ts'
import { seededRandom } from '../../support/seeded-random.ts'
import { until } from '../../support/until.ts'
import { volume } from '../../support/volume.ts'

describe('the bounds of RENT-A-HAL’s socket', () => {
  let house: HalHouse
  beforeEach(async () => {
    house = await new HalHouse().start()
  })
  afterEach(() => house.stop())

  it('let a frame of more than 16 MiB in, and close at one that is far larger', async () => {
    const client = await house.client()
    const image = Buffer.alloc(12_700_000, 'p').toString('base64')
    assert.ok(image.length > 16 * 1024 * 1024)
    const told = await client.ask({ prompt: 'see', query_type: 'vision', image })
    assert.equal(told.find(({ type }) => type === 'query_result')?.result, 'answer to see')
    assert.equal(house.node.asked.map(picturesAsked)[0]?.[0]?.length, image.length)
    const closed = client.closed()
    client.send({ type: 'submit_query', query: { prompt: 'x'.repeat(25 * 1024 * 1024), query_type: 'chat' } })
    assert.equal(await closed, 1009)
  })

  it('let so many queries of a socket run at once, and then say that the queue is full', async () => {
    const gate = Promise.withResolvers<void>()
    house.node.script = async function* (request) {
      yield FAKE_START
      await gate.promise
      yield* answered(request)
    }
    const client = await house.client()
    for (let count = 0; count <= MAX_SOCKET_QUERIES; count += 1) {
      client.send({ type: 'submit_query', query: { prompt: `${count}`, query_type: 'chat' } })
    }
    assert.equal((await client.nextOf('error')).message, 'Queue is full, please try again later')
    gate.resolve()
    for (let count = 0; count < MAX_SOCKET_QUERIES; count += 1) await client.nextOf('query_result')
  })

  it('cut a client that does not answer, and keep one that does', async () => {
    const [dead, alive] = [await house.client(), await house.client()]
    dead.socket.pause()
    const closed = dead.closed()
    house.clock.advance(PING_EVERY_MS)
    await alive.alive()
    house.clock.advance(PING_EVERY_MS)
    dead.socket.resume()
    assert.equal(await closed, 1006)
    await alive.alive()
    assert.equal((await alive.ask({ prompt: 'hi' })).at(-1)?.type, 'queue_update')
  })

  it('hold an answer back from a client that does not read, and its engine with it', async () => {
    let pieces = 0
    const left = Promise.withResolvers<void>()
    house.node.script = async function* () {
      yield FAKE_START
      try {
        for (;;) {
          pieces += 1
          yield { kind: 'text', text: 'x'.repeat(64 * 1024) }
        }
      } finally {
        left.resolve()
      }
    }
    const client = await house.client()
    client.send({ type: 'hello', features: ['text'] })
    await client.nextOf('hello')
    client.socket.pause()
    client.send({ type: 'submit_query', query: { prompt: 'hi', query_type: 'chat' } })
    let before = -1
    await until('the engine is held back', () => {
      const still = pieces === before
      before = pieces
      return still && pieces > 4
    })
    assert.ok(pieces < 1_000, `${pieces} pieces`)
    client.leave()
    await left.promise
  })

  it('bound the new users of one address where no key is needed', async () => {
    await house.stop()
    await house.start({ apiKeys: [{ hash: hashKey('sk-a') }], openToVisitors: true })
    for (let count = 0; count < MAX_NEW_VISITORS; count += 1) await house.client({ guid: `visitor-${count}` })
    await assert.rejects(house.client({ guid: 'one-more' }), { status: 429 })
    await house.client({ guid: 'visitor-0' })
    await house.client({ headers: { 'x-api-key': 'sk-a' } })
  })

  it('take nothing new while the node stops, and let what runs end', async () => {
    const gate = Promise.withResolvers<void>()
    house.node.script = async function* (request) {
      yield FAKE_START
      await gate.promise
      yield* answered(request)
    }
    const [busy, idle] = [await house.client(), await house.client()]
    busy.send({ type: 'submit_query', query: { prompt: 'hi', query_type: 'chat' } })
    await until('it runs', () => house.node.asked.length === 1)
    const closed = [busy.closed(), idle.closed()]
    const stopped = house.gateway.gateway.stop()
    assert.equal(await closed[1], 1001)
    busy.send({ type: 'submit_query', query: { prompt: 'more', query_type: 'chat' } })
    assert.match((await busy.nextOf('error')).message, /about to stop/)
    gate.resolve()
    assert.equal((await busy.nextOf('query_result')).result, 'answer to hi')
    assert.equal(await closed[0], 1001)
    await stopped
    assert.equal(house.node.asked.length, 1)
  })

  it('outlive whatever is sent', async () => {
    const random = seededRandom(11)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
    const values = [
      null,
      0,
      -1,
      1e308,
      '',
      'x',
      '$CHAT',
      [],
      {},
      true,
      { type: 'chat' },
      '__proto__',
      'A'.repeat(5_000),
    ]
    const types = [
      ...['submit_query', 'vision_chunk', 'set_nickname', 'get_previous_queries', 'speech_to_text', 'text_to_speech'],
      ...['pong', 'ping', 'get_stats', 'add_worker', 'remove_worker', 'ban_user', 'terminate_query', 'sysop_message'],
      ...['hello', 'cancel_query', '__proto__', 'constructor', '', 7],
    ]
    const fields = [
      ...[
        'query',
        'prompt',
        'query_type',
        'model_type',
        'model_name',
        'image',
        'audio',
        'nickname',
        'text',
        'chunk_id',
      ],
      ...[
        'total_chunks',
        'chunk_data',
        'image_id',
        'worker',
        'worker_name',
        'user_guid',
        'features',
        'query_id',
        'ref',
      ],
      ...['__proto__', 'constructor'],
    ]
    const object = (depth: number): object =>
      Object.fromEntries(
        fields
          .filter(() => random() < 0.3)
          .map((name) => [name, depth > 0 && random() < 0.3 ? object(depth - 1) : pick(values)]),
      )
    // No sysop: what a message of theirs does is another test's.
    await house.client({ guid: 'the-sysop' })
    const client = await house.client()
    for (let count = 0; count < volume(300, 20_000); count += 1) {
      const text = JSON.stringify({ ...object(2), type: pick(types) })
      const broken = random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text
      client.socket.send(random() < 0.05 ? Buffer.from(broken) : broken)
    }
    client.send({ type: 'set_nickname', nickname: 'the last word' })
    let info = await client.nextOf('user_info')
    while (info.data.nickname !== 'the last word') info = await client.nextOf('user_info')
    await until('all queries have ended', () => client.socket.readyState === client.socket.OPEN)
    const one = await house.client()
    const told = await one.ask({ prompt: 'hi' })
    assert.equal(told.find(({ type }) => type === 'query_result')?.result, 'answer to hi')
    assert.ok(house.node.asked.some((asked) => textAsked(asked) === 'hi'))
    assert.equal(Object.getPrototypeOf({}), Object.prototype)
  })

  it('keep a broken store to the socket that needed it', async () => {
    const other = await house.client()
    house.node.users.enter = async () => {
      throw new RealmeshError('STORAGE_FULL', 'the disk is full')
    }
    const client = house.opening({ guid: 'new' })
    assert.match((await client.next()).message, /disk is full/)
    assert.equal(await client.closed(), 1008)
    assert.equal((await other.ask({ prompt: 'hi' })).at(-1)?.type, 'queue_update')
  })
})
