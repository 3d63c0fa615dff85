/**
 * `kill -9` under concurrent writes. The expected state is kept by this process; each round a child writes as fast as it can, dies at
 * a random moment, and the store is opened and compared.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { storeFolder } from '../support/store-folder.ts'
import { userDataIn } from '../support/user-data.ts'
import { WriteJournal } from '../support/write-journal.ts'

/** Rounds in all. `KILL_ROUNDS` sets another number. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 500)
/** Rounds in one folder: the comparison reads everything, so a folder must not grow without end. */
const ROUNDS_PER_HOME = 10
const LANES = 2
/** A child dies after this many of its lines at most, ... */
const MAX_LINES = 600
/** ...and a little later, so that it dies in the middle of something. */
const MAX_LAG_MS = 4
const READY_WITHIN_MS = 5_000

const SHARDING = {
  shards: ['a', 'b'].map((name) => ({ name, connectionString: `level:${name}` })),
}

describe('kill -9 under concurrent writes', function () {
  this.timeout(600_000)
  const folder = storeFolder()
  let script = ''

  before(() => {
    script = compiledChild('test/storage/writer-child.ts')
  })

  after(() => {
    folder.remove()
    removeCompiledChild(script)
  })

  /** One child from start to `kill -9`; its words go into the journal. */
  async function killOnce(home: string, round: number, journal: WriteJournal): Promise<void> {
    const child = spawn(process.execPath, [script, home, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    const lines = createInterface({ input: child.stdout })
    const read = once(lines, 'close')
    const dueAt = Math.floor(Math.random() * MAX_LINES)
    let seen = 0
    const due = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        journal.note(line)
        seen += 1
        if (seen >= dueAt) resolve()
      })
    })
    await Promise.race([due, closed])
    await delay(Math.random() * MAX_LAG_MS)
    child.kill('SIGKILL')
    // What it said before it died may still be in the pipe when it is gone.
    await Promise.all([closed, read])
  }

  async function lane(from: number, to: number): Promise<{ acknowledged: number; slowestMs: number }> {
    let acknowledged = 0
    let slowestMs = 0
    for (let first = from; first < to; first += ROUNDS_PER_HOME) {
      const home = join(folder.path, `home-${first}`)
      const journal = new WriteJournal()
      for (let round = first; round < Math.min(to, first + ROUNDS_PER_HOME); round += 1) {
        await killOnce(home, round - first, journal)
        const data = userDataIn(home, { sharding: SHARDING })
        const begun = performance.now()
        await data.start()
        slowestMs = Math.max(slowestMs, performance.now() - begun, ...journal.report.readyMs.slice(-1))
        try {
          await journal.check(data)
        } finally {
          await data.stop()
        }
      }
      acknowledged += journal.report.acknowledged
    }
    return { acknowledged, slowestMs }
  }

  it(`loses nothing acknowledged, tears nothing and invents nothing in ${ROUNDS} rounds`, async () => {
    const share = Math.ceil(ROUNDS / LANES)
    const lanes = Array.from({ length: LANES }, (_, n) => lane(n * share, Math.min(ROUNDS, (n + 1) * share)))
    const done = await Promise.all(lanes)
    const acknowledged = done.reduce((sum, one) => sum + one.acknowledged, 0)
    const slowestMs = Math.max(...done.map((one) => one.slowestMs))
    console.log(`      ${acknowledged} acknowledged writes, slowest start ${Math.round(slowestMs)} ms`)
    assert.ok(acknowledged > ROUNDS, 'the children wrote next to nothing')
    assert.ok(slowestMs <= READY_WITHIN_MS)
  })
})
