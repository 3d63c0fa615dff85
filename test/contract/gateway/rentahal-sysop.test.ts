/** RENT-A-HAL's socket as sysops and those whom they deal with meet it: several tabs, bans, and queries that are ended. */
import assert from 'node:assert/strict'
import { QUEUE_NEWS_MS, WARNING_MS, WORKER_NEWS_MS } from '../../../gateway/rentahal/house/house-news.ts'
import { MAX_NAMED_USERS } from '../../../gateway/rentahal/session/greeting.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import type { HalClient } from '../../support/rentahal-client.ts'
import { answered, HalHouse, worker } from '../../support/rentahal-house.ts'
import { until } from '../../support/until.ts'

const BANNED = { type: 'error', message: 'You are banned from using this service.' }

describe('the socket of RENT-A-HAL’s sysops', () => {
  let house: HalHouse
  let sysop: HalClient
  let user: HalClient
  const handle = (guid: string): string => house.node.users.handleOf(guid)
  beforeEach(async () => {
    house = new HalHouse()
    house.node.workers = [worker('desk', ['tiny'], { url: 'http://10.0.0.5:8000/x', health: 79.6 })]
    await house.start()
    sysop = await house.client({ guid: 'the-sysop' })
    user = await house.client({ guid: 'the-user' })
  })
  afterEach(() => house.stop())

  it('tells the sysop who is here at each of their own arrivals, without the GUIDs of others', async () => {
    const again = await house.client({ guid: 'the-sysop' })
    const here = { type: 'active_users', users: ['the-sysop', handle('the-user')] }
    assert.deepEqual(again.greeting.at(-1), here)
    assert.deepEqual(await sysop.next(), here)
  })

  it('tells everyone who works, in the original’s shape', () => {
    const update = user.greeting.find(({ type }) => type === 'worker_update')
    const [row] = update?.['workers'] ?? []
    assert.deepEqual(Object.keys(row), ['name', 'address', 'health_score', 'is_blacklisted', 'type', 'last_active'])
    assert.deepEqual([row.name, row.address, row.type], ['desk', '10.0.0.5:8000', 'chat'])
    assert.deepEqual([row.health_score, row.is_blacklisted], [80, false])
    assert.match(row.last_active, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/)
  })

  it('gives the sums of the house, the users and the workers, in that order, to the one who asked', async () => {
    house.node.users.sums = { queries: 3, timeMs: 4_500, cost: 0.034, byType: {}, mostConnected: 2 }
    house.node.users.change('the-user', { banned: true, queryCount: 3, totalTimeMs: 4_500, totalCost: 0.034 })
    sysop.send({ type: 'get_stats' })
    const [sums, users, health] = await sysop.take(3)
    assert.equal(sums?.type, 'system_stats')
    const { last_updated: at, ...row } = sums?.data ?? {}
    assert.deepEqual(row, { id: 1, total_queries: 3, total_processing_time: 4.5, total_cost: 0.034 })
    assert.match(at, /^\d{4}-\d\d-\d\dT/)
    assert.equal(users?.type, 'user_stats')
    assert.deepEqual(
      users?.data.map((each: { guid: string; is_sysop: number; is_banned: number }) => [
        ...[each.guid, each.is_sysop, each.is_banned],
      ]),
      [
        ['the-sysop', 1, 0],
        [handle('the-user'), 0, 1],
      ],
    )
    assert.deepEqual([health?.type, health?.data[0].name], ['worker_health', 'desk'])
  })

  it('says nothing of sums where no query was served', async () => {
    sysop.send({ type: 'get_stats' })
    assert.equal((await sysop.next()).type, 'user_stats')
  })

  for (const message of [
    { type: 'get_stats' },
    { type: 'add_worker', worker: { name: 'w', address: 'h:1', type: 'chat' } },
    { type: 'remove_worker', worker_name: 'desk' },
    { type: 'add_huggingface_model', model: { name: 'm', type: 'chat' } },
    { type: 'remove_huggingface_model', model_name: 'm' },
    { type: 'ban_user', user_guid: 'the-sysop' },
    { type: 'unban_user', user_guid: 'the-sysop' },
    { type: 'terminate_query', user_guid: 'the-sysop' },
    { type: 'sysop_message', message: 'obey' },
    { type: 'ban_user' },
  ]) {
    it(`does not know ${JSON.stringify(message)} of a user`, async () => {
      user.send(message)
      assert.deepEqual(await user.next(), { type: 'error', message: 'Unknown message type' })
      assert.deepEqual(house.told, [])
      assert.equal(house.node.users.isBanned('the-sysop'), false)
    })
  }

  it('says to everyone what a sysop says', async () => {
    sysop.send({ type: 'sysop_message', message: 'hello <all>' })
    for (const each of [sysop, user])
      assert.deepEqual(await each.next(), { type: 'sysop_message', message: 'hello <all>' })
  })

  it('adds workers, changes those of the same name, and removes them; one that is not there in silence', async () => {
    const add = (name: string, type: string): void =>
      sysop.send({ type: 'add_worker', worker: { name, address: 'rig:8001', type, health_score: 100 } })
    add('eye', 'vision')
    for (const each of [sysop, user]) {
      assert.equal((await each.next()).type, 'worker_update')
      assert.equal((await each.next()).type, 'huggingface_update')
    }
    add('desk', 'imagine')
    await sysop.take(2)
    sysop.send({ type: 'remove_worker', worker_name: 'nobody' })
    sysop.send({ type: 'remove_worker', worker_name: 'desk' })
    await sysop.take(2)
    add('tea', 'tea')
    assert.match((await sysop.next()).message, /no workers of the type tea/)
    assert.deepEqual(house.told, [
      ['workers.add', { name: 'eye', engine: 'rentahal-vision', url: 'http://rig:8001' }],
      ['workers.change', { name: 'desk', engine: 'automatic1111', url: 'http://rig:8001' }],
      ['workers.remove', 'desk'],
    ])
  })

  it('lists the models that there are, and says so where others are wished for', async () => {
    assert.deepEqual(user.greeting.at(-1), {
      type: 'huggingface_update',
      models: [{ name: 'tiny:latest', type: 'chat' }],
    })
    sysop.send({ type: 'add_huggingface_model', model: { name: 'gpt2', type: 'chat' } })
    assert.match((await sysop.next()).message, /those that the workers have/)
    sysop.send({ type: 'remove_huggingface_model', model_name: 'gpt2' }) // not there: silence
    sysop.send({ type: 'remove_huggingface_model', model_name: 'tiny:latest' })
    assert.match((await sysop.next()).message, /those that the workers have/)
  })

  it('shuts a banned user out at once, in every tab, and tells each what it may know', async () => {
    const tab = await house.client({ guid: 'the-user' })
    const other = await house.client({ guid: 'another' })
    const closed = [user.closed(), tab.closed()]
    sysop.send({ type: 'ban_user', user_guid: handle('the-user') })
    for (const each of [user, tab]) {
      assert.deepEqual(await each.next(), { type: 'user_banned', guid: 'the-user' })
      assert.deepEqual(await each.next(), BANNED)
    }
    assert.deepEqual(await Promise.all(closed), [1008, 1008])
    for (const each of [sysop, other]) {
      assert.deepEqual(await each.next(), { type: 'user_banned', guid: handle('the-user') })
    }
    const back = house.opening({ guid: 'the-user' })
    const [info, error] = await back.take(2)
    assert.equal(info?.data.is_banned, true)
    assert.deepEqual(error, BANNED)
    assert.equal(await back.closed(), 1008)
    sysop.send({ type: 'sysop_message', message: 'all is well' })
    for (const each of [sysop, other]) assert.equal((await each.next()).message, 'all is well')
    sysop.send({ type: 'unban_user', user_guid: handle('the-user') })
    assert.deepEqual(await sysop.next(), { type: 'user_unbanned', guid: handle('the-user') })
    await house.client({ guid: 'the-user' })
  })

  it('shuts out a user who is banned elsewhere, too', async () => {
    const closed = user.closed()
    house.node.users.ban('the-user')
    assert.equal((await user.next()).type, 'user_banned')
    assert.equal(await closed, 1008)
  })

  it('tells everyone of ended queries, and then where the queue stands', async () => {
    sysop.send({ type: 'terminate_query', user_guid: handle('the-user') })
    assert.deepEqual(await user.next(), { type: 'query_terminated', guid: 'the-user' })
    assert.deepEqual(await sysop.next(), { type: 'query_terminated', guid: handle('the-user') })
    assert.deepEqual(await sysop.next(), { type: 'queue_update', depth: 0, total: 1 })
    sysop.send({ type: 'terminate_query', user_guid: 'nobody' })
    assert.match((await sysop.next()).message, /no such user/)
  })

  it('shows the buttons of a sysop as soon as the operator makes one', async () => {
    house.node.users.promote('the-user')
    const info = await user.next()
    assert.deepEqual([info.type, info.data.is_sysop], ['user_info', true])
    user.send({ type: 'get_stats' })
    assert.equal((await user.next()).type, 'user_stats')
  })

  it('says to several tabs what is for all, and goes on with those that are left', async () => {
    const tab = await house.client({ guid: 'the-user' })
    tab.leave()
    await until('the tab has left', () => tab.socket.readyState === tab.socket.CLOSED)
    for (let round = 0; round < 3; round += 1) {
      sysop.send({ type: 'sysop_message', message: `round ${round}` })
      assert.equal((await user.next()).message, `round ${round}`)
    }
    const told = await user.ask({ prompt: 'hi' })
    assert.equal(told.filter(({ type }) => type === 'query_result').length, 1)
  })

  it('tells others of the queue by and by, and in silence nothing', async () => {
    const gate = Promise.withResolvers<void>()
    house.node.script = async function* (request) {
      yield FAKE_START
      await gate.promise
      yield* answered(request)
    }
    for (let count = 0; count < 5; count += 1)
      user.send({ type: 'submit_query', query: { prompt: 'hi', query_type: 'chat' } })
    await until('all of them run', () => house.node.asked.length === 5)
    house.clock.advance(QUEUE_NEWS_MS)
    assert.deepEqual(await sysop.next(), { type: 'queue_update', depth: 5, total: 1 })
    await house.pass(50_000, QUEUE_NEWS_MS)
    gate.resolve()
    for (let count = 0; count < 5; count += 1) await user.nextOf('query_result')
    house.clock.advance(QUEUE_NEWS_MS)
    assert.deepEqual(await sysop.next(), { type: 'queue_update', depth: 0, total: 1 })
  })

  it('tells of workers that come and go once a minute at most, and warns of what fails', async () => {
    house.node.workers = [worker('desk', ['tiny'], { healthy: false, health: 0 })]
    await house.pass(WORKER_NEWS_MS, QUEUE_NEWS_MS)
    const update = await user.next()
    assert.deepEqual([update.type, update['workers'][0].is_blacklisted], ['worker_update', true])
    await user.next()
    await house.pass(WARNING_MS - WORKER_NEWS_MS, QUEUE_NEWS_MS)
    const words = (await user.take(2)).map(({ message }) => message)
    assert.deepEqual(words, ['WARNING: No healthy CHAT workers available', 'WARNING: Worker desk has been blacklisted'])
  })

  it('names so many of those who are here as a person reads', async () => {
    for (let count = 0; count < MAX_NAMED_USERS; count += 1) await house.client({ guid: `guest-${count}` })
    const last = await house.client({ guid: 'last' })
    const named = last.greeting.find(({ message }) => message?.startsWith('Connected users'))?.message.split('\n')
    assert.equal(named.length, MAX_NAMED_USERS + 2)
    assert.equal(named.at(-1), 'and 3 more')
  })
})
