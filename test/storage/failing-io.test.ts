/**
 * Every I/O call of the stores and of the files beside them fails in turn: nothing crashes, and nothing untrue is said.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { UserData } from '../../storage/user-data.ts'
import { FailingIo, type FailureMode } from '../support/failing-io.ts'
import { storeFolder } from '../support/store-folder.ts'
import { finishedQuery, userDataIn } from '../support/user-data.ts'

const SHARDING = {
  shards: ['a', 'b'].map((name) => ({ name, connectionString: `level:${name}` })),
}

/** What a scenario was told: the promises it was given. */
interface Told {
  readonly users: Set<string>
  readonly queries: Map<string, Set<string>>
  readonly nicknames: Map<string, string>
  readonly erased: Set<string>
  readonly banned: Set<string>
  readonly sysops: Set<string>
  /** Nicknames asked for without an answer: either outcome is true. */
  readonly unsure: Map<string, string>
  /** Users whose erasure was asked for without an answer. */
  readonly perhapsErased: Set<string>
}

/** A promise kept or refused with one of our errors; anything else is a crash. */
async function attempt(task: () => Promise<unknown>): Promise<boolean> {
  try {
    await task()
    return true
  } catch (error) {
    assert.ok(error instanceof RealmeshError, `not one of our errors: ${String(error)}`)
    return false
  }
}

async function work(data: UserData, told: Told, backupFolder: string): Promise<void> {
  for (const guid of ['ann', 'bob', 'cid']) {
    if (await attempt(() => data.user(guid))) told.users.add(guid)
    for (const id of ['1', '2']) {
      if (!(await attempt(() => data.recordQuery(guid, finishedQuery(`${guid} ${id}`, { prompt: 'p', peer: 'p1' })))))
        continue
      told.queries.set(guid, (told.queries.get(guid) ?? new Set()).add(`${guid} ${id}`))
    }
  }
  told.unsure.set('ann', 'annette')
  if (await attempt(() => data.users.update('ann', { nickname: 'annette' }))) told.nicknames.set('ann', 'annette')
  if (await attempt(() => data.users.becomeFirstSysop('ann'))) told.sysops.add('ann')
  if (await attempt(() => data.users.ban('bob', true))) told.banned.add('bob')
  await attempt(() => data.queries('bob', { texts: true }))
  await attempt(() => data.shards.move({ guid: 'bob', key: '' }, 'nowhere'))
  await attempt(() => data.shards.add({ name: 'c', connectionString: 'level:c' }))
  await attempt(() => Promise.race([data.shards.settled(), delay(3_000, undefined, { ref: false })]))
  await attempt(() => data.backup(backupFolder))
  told.perhapsErased.add('cid')
  if (await attempt(() => data.erase('cid'))) told.erased.add('cid')
}

async function check(data: UserData, told: Told): Promise<void> {
  for (const guid of told.users) {
    const account = await data.users.find(guid)
    if (told.erased.has(guid)) {
      assert.equal(account, undefined, `${guid} was erased`)
      continue
    }
    if (account === undefined) {
      assert.ok(told.perhapsErased.has(guid), `${guid} is lost`)
      continue
    }
    const ids = (await data.queries(guid)).map(({ id }) => id)
    for (const id of told.queries.get(guid) ?? []) assert.ok(ids.includes(id), `${id} is lost`)
    assert.equal(account.queryCount, ids.length)
    const promised = told.nicknames.get(guid)
    if (promised !== undefined) assert.equal(account.nickname, promised)
  }
  for (const guid of told.banned) assert.equal(data.isBanned(guid), true, `${guid} is let in again`)
  for (const guid of told.sysops) assert.equal((await data.users.find(guid))?.sysop, true, `${guid} is no sysop`)
  // The place of first sysop is neither lost nor given twice.
  for (const guid of ['ann', 'dee']) {
    await data.user(guid)
    await data.users.becomeFirstSysop(guid)
  }
  const sysops: string[] = []
  for await (const { guid, sysop } of data.users.all()) if (sysop) sysops.push(guid)
  assert.equal(sysops.length, 1, `sysops: ${sysops.join(' ')}`)
  for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
  for await (const { guid, nickname } of data.users.all()) {
    // Each nickname is its owner's: nobody else can have it, and he can have it again.
    await assert.rejects(data.user(`a thief of ${guid}`, nickname), { code: 'NICKNAME_TAKEN' })
    assert.equal((await data.users.update(guid, { nickname })).nickname, nickname)
  }
}

/** Runs at once: each waits most of the time. */
const LANES = 6

describe('every I/O call failing in turn', () => {
  const folder = storeFolder()
  const surprises: unknown[] = []
  const surprise = (error: unknown): void => {
    surprises.push(error)
  }

  before(() => {
    process.on('unhandledRejection', surprise)
  })

  after(() => {
    process.off('unhandledRejection', surprise)
    folder.remove()
  })

  /** One run with the Nth call failing; resolves with whether it ever came to that call. */
  async function runWith(n: number, mode: FailureMode): Promise<boolean> {
    if (process.env['TRACE_IO'] !== undefined) console.log(n, mode)
    const home = join(folder.path, `${mode}-${n}`)
    const io = new FailingIo(n, mode)
    const told: Told = {
      users: new Set(),
      queries: new Map(),
      nicknames: new Map(),
      erased: new Set(),
      banned: new Set(),
      sysops: new Set(),
      unsure: new Map(),
      perhapsErased: new Set(),
    }
    const init = { sharding: SHARDING, commitWindowMs: 1, accountingPatienceMs: 1 }
    const failing = userDataIn(home, init, { files: io.files, newStore: io.newStore })
    if (await attempt(() => failing.start())) {
      await work(failing, told, join(home, 'backup'))
      await attempt(() => failing.stop())
    }
    const sound = userDataIn(home, init)
    await sound.start()
    try {
      await sound.shards.settled()
      await check(sound, told)
    } catch (error) {
      throw new Error(`call ${n} failing ${mode}`, { cause: error })
    } finally {
      await sound.stop()
    }
    return io.failed
  }

  for (const mode of ['before', 'after'] as const) {
    it(`keeps every promise when a call fails ${mode} its effect`, async () => {
      let next = 1
      let failed = 0
      const lane = async (): Promise<void> => {
        for (let more = true; more; ) {
          const n = next
          next += 1
          more = await runWith(n, mode)
          if (more) failed += 1
          assert.deepEqual(surprises, [])
        }
      }
      await Promise.all(Array.from({ length: LANES }, lane))
      assert.ok(failed > 100)
    })
  }
})
