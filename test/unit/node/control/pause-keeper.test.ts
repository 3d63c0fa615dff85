import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { silentLogger } from '../../../../core/logger.ts'
import { PauseKeeper } from '../../../../node/control/pause-keeper.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const HOUR_MS = 3_600_000

describe('a pause', () => {
  const folder = temporaryFolder()
  const file = (): string => folder.path('pause.json')
  let clock: ManualClock

  beforeEach(() => {
    clock = new ManualClock()
  })

  /** The daemon's part of it, as after a start. */
  async function started(): Promise<{ pool: WorkerPool; pauses: PauseKeeper }> {
    const pool = new WorkerPool({ clock })
    const pauses = new PauseKeeper({ pool, clock, log: silentLogger }, { file: file() })
    await pauses.start()
    return { pool, pauses }
  }

  it('holds over a restart, for what is left of it', async () => {
    await (await started()).pauses.pause(2 * HOUR_MS)
    clock.advance(HOUR_MS)
    assert.equal((await started()).pool.pausedMs, HOUR_MS)
  })

  it('without an end holds until it is resumed, which is kept too', async () => {
    await (await started()).pauses.pause()
    clock.advance(100 * HOUR_MS)
    const { pool, pauses } = await started()
    assert.equal(pool.pausedMs, Number.POSITIVE_INFINITY)
    await pauses.resume()
    assert.equal(pool.pausedMs, 0)
    assert.equal((await started()).pool.pausedMs, 0)
  })

  it('that ended while the node was down is forgotten', async () => {
    await (await started()).pauses.pause(HOUR_MS)
    clock.advance(HOUR_MS)
    assert.equal((await started()).pool.pausedMs, 0)
    assert.equal(existsSync(file()), false)
  })

  it('is the latest that was given', async () => {
    const { pauses } = await started()
    await Promise.all([pauses.pause(), pauses.resume(), pauses.pause(HOUR_MS)])
    assert.equal((await started()).pool.pausedMs, HOUR_MS)
  })

  it('lies in a file that is the owner’s alone', async () => {
    await (await started()).pauses.pause(HOUR_MS)
    assert.deepEqual(JSON.parse(await readFile(file(), 'utf8')), { untilMs: clock.wall() + HOUR_MS })
    assert.equal((await stat(file())).mode & 0o777, 0o600)
  })

  for (const text of ['', '{', '[]', '{"untilMs":"tomorrow"}', '{"until":5}']) {
    it(`is not made of a file that says ${JSON.stringify(text)}`, async () => {
      await mkdir(folder.path(), { recursive: true })
      await writeFile(file(), text)
      assert.equal((await started()).pool.pausedMs, 0)
    })
  }

  it('that cannot be kept holds for now, and says so', async () => {
    const pool = new WorkerPool({ clock })
    const pauses = new PauseKeeper({ pool, clock, log: silentLogger }, { file: folder.path('missing', 'pause.json') })
    await pauses.start()
    await assert.rejects(pauses.pause(), { code: 'STORAGE_FAILED', message: /^paused, but/ })
    assert.equal(pool.pausedMs, Number.POSITIVE_INFINITY)
  })
})
