/** Four shards become five, then three, while queries run and the process is killed again and again. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { storeFolder } from '../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../support/user-data.ts'
import { volume } from '../support/volume.ts'

const USERS = volume(2_000, 100_000)
const KILLS = volume(5, 10)
/** Longest life of a child after it is ready, milliseconds: the whole rebalance takes about ten times half of it. */
const MAX_LIFE_MS = 200 + USERS / 25
/** Users created at once. */
const CROWD = 5_000

describe('a rebalance under load', () => {
  const folder = storeFolder()
  const home = join(folder.path, 'home')
  let script = ''

  before(async () => {
    script = compiledChild('test/storage/rebalance-child.ts')
    const data = userDataIn(home)
    await data.start()
    for (let from = 0; from < USERS; from += CROWD) {
      const guids = Array.from({ length: Math.min(CROWD, USERS - from) }, (_, n) => `user ${from + n}`)
      await Promise.all(guids.map((guid) => data.user(guid, `nick ${guid}`)))
      await Promise.all(guids.map((guid) => data.recordQuery(guid, finishedQuery('first'))))
    }
    await data.stop()
  })

  after(() => {
    folder.remove()
    if (script !== '') removeCompiledChild(script)
  })

  /** One life of the child; resolves with whether it finished. `lifeMs` undefined: it may live until it is done. */
  async function live(run: number, lifeMs: number | undefined, acknowledged: Map<string, string>): Promise<boolean> {
    const child = spawn(process.execPath, [script, home, String(run), String(USERS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    const closed = Promise.all([once(child, 'close'), once(lines, 'close')])
    let done = false
    const over = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const [kind, id = '', ...guid] = line.split(' ')
        if (kind === '!') acknowledged.set(id, guid.join(' '))
        if (kind === 'done') done = true
        if (kind === 'done') resolve()
        if (kind === 'ready' && lifeMs !== undefined) void delay(lifeMs).then(resolve)
      })
    })
    await Promise.race([over, closed])
    child.kill('SIGKILL')
    await closed
    return done
  }

  it(`keeps ${USERS} users whole and each in one place, killed ${KILLS} times`, async () => {
    const acknowledged = new Map<string, string>()
    let kills = 0
    for (; kills < KILLS; kills += 1) if (await live(kills, Math.random() * MAX_LIFE_MS, acknowledged)) break
    const finished = await live(KILLS, undefined, acknowledged)
    assert.ok(finished, 'the rebalance never ended')
    const data = userDataIn(home)
    await data.start()
    try {
      const serving = data
        .status()
        .shards.filter(({ state }) => state === 'serving')
        .map(({ name }) => name)
      assert.deepEqual(serving.sort(), ['extra', 'shard3', 'shard4'])
      const checks = await data.shards.verify()
      assert.deepEqual(
        checks.flatMap(({ findings }) => findings),
        [],
      )
      assert.deepEqual(
        checks.filter(({ shard }) => !serving.includes(shard)).map(({ records }) => records),
        [0, 0],
      )
      assert.equal(
        checks.reduce((sum, { users }) => sum + users, 0),
        USERS,
      )
      let queries = 0
      for await (const { guid, queryCount, nickname } of data.users.all()) {
        assert.equal(nickname, `nick ${guid}`)
        assert.ok(queryCount >= 1)
        queries += queryCount
      }
      assert.ok(queries >= USERS + acknowledged.size)
      for (const [id, guid] of [...acknowledged].filter((_, n) => n % 10 === 0)) {
        const found = await data.queries(guid, { limit: 1_000 })
        assert.equal((await data.users.find(guid))?.queryCount, found.length, 'the account and its queries differ')
        assert.ok(
          found.some((query) => query.id === id),
          'an acknowledged query is missing',
        )
      }
    } finally {
      await data.stop()
    }
  })
})
