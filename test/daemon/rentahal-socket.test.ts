/** RENT-A-HAL's socket on a daemon: its users, their history and bans are those of the shards, over a restart. */
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Daemon, DaemonHarness } from '../support/daemon.ts'
import { HalClient } from '../support/rentahal-client.ts'

describe('RENT-A-HAL’s socket on a daemon', () => {
  const harness = new DaemonHarness()
  const clients: HalClient[] = []
  let daemon: Daemon
  before(async () => {
    const home = harness.home()
    appendFileSync(join(home, 'realms.yml'), '  history: true\n') // of user_data: prompts are kept
    daemon = await harness.up([], { home })
  })
  after(async () => {
    for (const client of clients) client.leave()
    await harness.close()
  })
  const client = async (guid = ''): Promise<HalClient> => {
    const made = new HalClient(Number(new URL(daemon.http).port), { guid })
    clients.push(made)
    return await made.greeted()
  }

  it('answers, charges, bans and remembers', async () => {
    const sysop = await client()
    assert.equal(sysop.greeting[1]?.data.is_sysop, true)
    const user = await client()
    assert.equal(user.greeting[1]?.data.is_sysop, false)
    const told = await user.ask({ prompt: 'what is realmesh?', model_type: 'huggingface', model_name: 'gpt2' })
    const result = told.find(({ type }) => type === 'query_result')
    assert.equal(result?.['result_type'], 'text')
    assert.match(result?.['result'], /\w/)
    assert.ok(Math.abs(result?.['cost'] - (0.01 + result?.['processing_time'] / 1_000)) < 1e-9)
    assert.equal(told.at(-1)?.['depth'], 0)

    const metrics = await (await fetch(`${daemon.http}/metrics`)).text()
    assert.match(metrics, /^rentahal_connections\{realm="\$CHAT"\} 2$/m)

    sysop.send({ type: 'get_stats' })
    const row = (await sysop.nextOf('user_stats')).data.find((each: { query_count: number }) => each.query_count === 1)
    assert.notEqual(row.guid, user.guid)
    const closed = user.closed()
    sysop.send({ type: 'ban_user', user_guid: row.guid })
    assert.deepEqual(await user.nextOf('user_banned'), { type: 'user_banned', guid: user.guid })
    assert.equal(await closed, 1008)
    assert.equal((await sysop.nextOf('user_banned')).guid, row.guid)
    sysop.send({ type: 'unban_user', user_guid: row.guid })
    await sysop.nextOf('user_unbanned')

    await daemon.stop()
    daemon = await harness.up([], { home: daemon.home })
    const again = await client(user.guid)
    assert.equal(again.greeting[0]?.data.query_count, 1)
    assert.equal(again.greeting[0]?.data.is_sysop, false)
    const previous = again.greeting.find(({ type }) => type === 'previous_queries')?.data
    assert.deepEqual([previous.length, previous[0].prompt], [1, 'what is realmesh?'])
    assert.equal((await client(sysop.guid)).greeting[0]?.data.is_sysop, true)
    assert.equal((await client()).greeting[1]?.data.is_sysop, false)
    assert.ok(!daemon.stderr().includes(user.guid), 'a GUID is a credential, and no word of a log')
  })
})
