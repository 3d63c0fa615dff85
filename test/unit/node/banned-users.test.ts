/** Bans and ended queries in a whole node in this process: what comes of a query that waits, and of one that runs. */
import assert from 'node:assert/strict'
import { resolveConfig } from '../../../config/file/resolve-config.ts'
import { fileSchema } from '../../../config/schema/file-schema.ts'
import { silentLogger } from '../../../core/logger.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { type HomeFolder, homeFolder, prepareHome } from '../../../home/home-folder.ts'
import { createNode } from '../../../node/create-node.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { collect, textOf } from '../../support/collect.ts'
import { FakeEngine } from '../../support/fake-engine.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const { signal } = new AbortController()
/** One slot, so that a second query waits. */
const worker = { name: 'rig', engine: 'openai', url: 'http://127.0.0.1:1', slots: 1 }
const file = fileSchema.parse({
  workers: [worker],
  user_data: { reserve: 0, cost_per_query: 2, cost_per_second: 0 },
  node: { listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false, detect: false },
})

describe('a node with users who are shut out', () => {
  const folder = temporaryFolder()
  let home: HomeFolder
  let node: RealmeshNode
  let engine: FakeEngine

  const start = async (): Promise<void> => {
    node = await createNode({
      config: resolveConfig(file, { federationId: 'federation_00000001' }),
      home,
      log: silentLogger,
      version: '0.0.0',
      engines: {
        create: ({ kind, url }) => {
          engine = new FakeEngine({ kind, url })
          return engine
        },
      },
    })
    await node.start()
  }

  beforeEach(async () => {
    home = homeFolder(folder.path('home'), {})
    await prepareHome(home)
    await start()
  })

  afterEach(() => node.stop())

  const ask = (user: string, id?: string): AsyncIterable<QueryEvent> => {
    const body = { messages: [{ role: 'user', content: 'hello' }] } as const
    const idempotency = id === undefined ? {} : { id }
    return node.query({ type: 'chat', model: 'auto', user, body, ...idempotency }, { signal }).events
  }

  const states = (): readonly string[] => node.control.queries.list().map(({ id, state }) => `${id} ${state}`)

  it('ends what runs and what waits for a banned user at once, frees the slot, and costs them nothing', async () => {
    const [first, second] = [collect(ask('ann', 'one')), collect(ask('ann', 'two'))]
    await until('one runs and one waits', () => states().join() === 'one running,two waiting')
    const other = collect(ask('bob', 'three'))
    await until('a third waits', () => states().length === 3)
    const { handle } = await node.users.enter('ann')
    const [listed] = node.control.queries.list()
    assert.deepEqual([listed?.user, listed?.model, listed?.node], [handle, 'auto', node.peerId])
    await node.control.users.ban(handle)
    for (const answer of [first, second]) await assert.rejects(answer, { code: 'USER_BANNED' })
    await until('the other one has the slot', () => states().join() === 'three running')
    assert.throws(() => ask('ann'), { code: 'USER_BANNED' })
    engine.runs.at(-1)?.text('hi').end()
    assert.equal(textOf(await other), 'hi')
    assert.deepEqual(
      engine.runs.map((run) => run.signal.aborted),
      [true, false],
    )
    const past = await node.control.users.history('ann', { limit: 9 })
    assert.deepEqual(
      past.map(({ outcome, cost }) => [outcome, cost]),
      [
        ['USER_BANNED', 0],
        ['USER_BANNED', 0],
      ],
    )
    assert.equal((await node.receipt('one', 'ann'))?.outcome, 'USER_BANNED')
  })

  it('keeps them out over a restart, and lets them in at once', async () => {
    await node.users.enter('ann')
    await node.control.users.ban('ann')
    await node.stop()
    await start()
    assert.throws(() => ask('ann'), { code: 'USER_BANNED' })
    await node.control.users.unban('ann')
    const answer = collect(ask('ann'))
    await until('it runs', () => engine.runs.length > 0)
    engine.runs.at(-1)?.text('hi').end()
    assert.equal(textOf(await answer), 'hi')
  })

  it('ends a query by its id: no receipt says served, no retry is given its answer, and it costs nothing', async () => {
    const ended = collect(ask('ann', 'one'))
    await until('it runs', () => states().join() === 'one running')
    engine.runs.at(-1)?.text('hi')
    assert.equal(node.control.queries.terminate({ id: 'one' }), 1)
    await assert.rejects(ended, { code: 'TERMINATED' })
    assert.deepEqual(states(), [])
    assert.equal((await node.receipt('one', 'ann'))?.outcome, 'TERMINATED')
    assert.deepEqual(node.status().queries, { running: 0, served: 0, failed: 0, forwarded: 0 })
    const again = collect(ask('ann', 'one'))
    await until('it runs anew', () => engine.runs.length === 2)
    engine.runs.at(-1)?.text('ho').end()
    assert.equal(textOf(await again), 'ho')
    const past = await node.users.history('ann', { limit: 9, served: true })
    assert.deepEqual(
      past.map(({ outcome, cost }) => [outcome, cost]),
      [['served', 2]],
    )
    const { queryCount, totalCost, balance } = await node.users.enter('ann')
    assert.deepEqual([queryCount, totalCost, balance], [1, 2, -2])
    assert.deepEqual([node.users.totals().queries, node.users.totals().cost], [1, 2])
  })
})
