/**
 * `kill -9` under concurrent writes. The expected state is kept by this process; each round a child writes as fast as
 * it can, dies at a random moment, and the store is opened and compared.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { compiledChild, removeCompiledChild } from '../support/compiled-child.ts'
import { storeFolder } from '../support/store-folder.ts'
import { userDataIn } from '../support/user-data.ts'
import { WriteJournal } from '../support/write-journal.ts'

/** Rounds in one folder: the comparison reads everything, so a folder must not grow without end. */
const ROUNDS_PER_HOME = 10
const LANES = 2
/** A child dies after this many of its lines at most, ... */
const MAX_LINES = 600
/** ...and a little later, so that it dies in the middle of something. */
const MAX_LAG_MS = 4

const SHARDING = {
  shards: ['a', 'b'].map((name) => ({ name, connectionString: `level:${name}` })),
}

export interface KillFigures {
  /** Writes that were acknowledged, each of which was looked for. */
  readonly acknowledged: number
  /** Milliseconds that each start after a kill took. */
  readonly startMs: readonly number[]
}

export class KillUnderWrites {
  readonly #folder = storeFolder()
  readonly #script = compiledChild('test/storage/writer-child.ts')

  stop(): void {
    this.#folder.remove()
    removeCompiledChild(this.#script)
  }

  /** Kills `rounds` times; nothing acknowledged is lost, nothing torn, nothing invented. */
  async kill(rounds: number): Promise<KillFigures> {
    const share = Math.ceil(rounds / LANES)
    const lanes = Array.from({ length: LANES }, (_, n) => this.#lane(n * share, Math.min(rounds, (n + 1) * share)))
    const done = await Promise.all(lanes)
    return {
      acknowledged: done.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      startMs: done.flatMap(({ startMs }) => startMs),
    }
  }

  async #lane(from: number, to: number): Promise<KillFigures> {
    let acknowledged = 0
    const startMs: number[] = []
    for (let first = from; first < to; first += ROUNDS_PER_HOME) {
      const home = join(this.#folder.path, `home-${first}`)
      const journal = new WriteJournal()
      for (let round = first; round < Math.min(to, first + ROUNDS_PER_HOME); round += 1) {
        await this.#killOnce(home, round - first, journal)
        const data = userDataIn(home, { sharding: SHARDING })
        const began = performance.now()
        await data.start()
        startMs.push(performance.now() - began)
        try {
          await journal.check(data)
        } finally {
          await data.stop()
        }
      }
      acknowledged += journal.report.acknowledged
      startMs.push(...journal.report.readyMs)
    }
    return { acknowledged, startMs }
  }

  /** One child from start to `kill -9`; its words go into the journal. */
  async #killOnce(home: string, round: number, journal: WriteJournal): Promise<void> {
    const child = spawn(process.execPath, [this.#script, home, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
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
}
