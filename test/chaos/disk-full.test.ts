/**
 * A disk that fills up under writes, and gets room again: nothing acknowledged is lost, reads go on, writing resumes by
 * itself.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { UserData } from '../../storage/user-data.ts'
import { skip } from '../support/skip.ts'
import { finishedQuery, userDataIn } from '../support/user-data.ts'

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

describe('a disk that fills up', () => {
  let disk = ''
  let mounted = false
  let data: UserData

  before(function () {
    disk = mkdtempSync(join(tmpdir(), 'realmesh-full-'))
    try {
      run('mount', '-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk)
      mounted = true
    } catch {
      skip(this, 'tmpfs cannot be mounted here, which needs Linux and root')
    }
  })

  after(() => {
    if (mounted) run('umount', disk)
    if (disk !== '') rmSync(disk, { recursive: true, force: true })
  })

  afterEach(async () => {
    await data?.stop()
  })

  /** Records queries until one is refused. */
  async function fillUp(acknowledged: string[]): Promise<RealmeshError> {
    for (let n = 0; ; n += 1) {
      try {
        await data.recordQuery(
          'a',
          finishedQuery(`q${acknowledged.length}`, { startedAt: n, prompt: randomBytes(10_000).toString('hex') }),
        )
        acknowledged.push(`q${acknowledged.length}`)
      } catch (error) {
        assert.ok(error instanceof RealmeshError)
        return error
      }
    }
  }

  async function assertAllThere(acknowledged: readonly string[]): Promise<void> {
    const ids = new Set((await data.queries('a', { limit: 1_000 })).map(({ id }) => id))
    for (const id of acknowledged) assert.ok(ids.has(id), `${id} is lost`)
  }

  it('is refused with STORAGE_FULL, read on, and written again when there is room, without a restart', async () => {
    const home = join(disk, 'home')
    data = userDataIn(home)
    await data.start()
    await data.user('a')
    const acknowledged: string[] = []
    const refusal = await fillUp(acknowledged)
    assert.equal(refusal.code, 'STORAGE_FULL')
    assert.ok(acknowledged.length > 10)
    await assertAllThere(acknowledged)
    run('mount', '-o', 'remount,size=64m', disk)
    await data.checkDisk()
    assert.equal(await data.recordQuery('a', finishedQuery('afterwards')), true)
    await assertAllThere([...acknowledged, 'afterwards'])
    await data.stop()
    await data.start()
    await assertAllThere([...acknowledged, 'afterwards'])
    for (const { findings } of await data.shards.verify()) assert.deepEqual(findings, [])
    await data.stop()
  })

  it('is opened with the help of the reserve when it was full at the start', async () => {
    run('mount', '-o', 'remount,size=200m', disk)
    const home = join(disk, 'second')
    data = userDataIn(home, { reserveBytes: 4 * 1024 * 1024, lowDiskBytes: 1024 })
    await data.start()
    await data.user('a')
    const acknowledged: string[] = []
    for (; acknowledged.length < 10; acknowledged.push(`q${acknowledged.length}`)) {
      await data.recordQuery(
        'a',
        finishedQuery(`q${acknowledged.length}`, { prompt: randomBytes(10_000).toString('hex') }),
      )
    }
    await data.stop()
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(200 * 1024 * 1024))
    } catch {
      // That is the point: it is full now.
    }
    await data.start()
    await assertAllThere(acknowledged)
    await data.stop()
    rmSync(join(disk, 'filler'), { force: true })
  })
})
