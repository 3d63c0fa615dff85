/** The owner's pause, kept in a file: it outlasts a restart. */
import { rm } from 'node:fs/promises'
import { z } from 'zod'
import type { Logger } from '../../core/logger.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { Turns } from '../../core/run/turns.ts'
import { readJsonFile, writeJsonFile } from '../../home/json-file.ts'
import type { WorkerPool } from '../../workers/pool/worker-pool.ts'

export interface PauseKeeperComponents {
  readonly pool: Pick<WorkerPool, 'pause' | 'resume'>
  readonly clock: Clock
  readonly log: Logger
}

export interface PauseKeeperInit {
  /** There while the node is paused. */
  readonly file: string
}

/** Wall clock, because it must mean the same after a restart; null for a pause without an end. */
const keptPause = z.strictObject({ untilMs: z.number().nullable() })

export class PauseKeeper implements Startable {
  readonly #components: PauseKeeperComponents
  readonly #file: string
  /** What was said last is what is kept. */
  readonly #turns = new Turns()

  constructor(components: PauseKeeperComponents, { file }: PauseKeeperInit) {
    this.#components = components
    this.#file = file
  }

  /** Takes up the pause of the last run, if it has not ended since; call it before others can ask. */
  async start(): Promise<void> {
    const { pool, clock, log } = this.#components
    const kept = await readJsonFile(
      this.#file,
      (value) => keptPause.parse(value),
      () => log.warn({ file: this.#file }, 'the file of the pause cannot be read; the node is not paused'),
    )
    if (kept === undefined) return
    if (kept.untilMs === null) pool.pause()
    else if (kept.untilMs > clock.wall()) pool.pause(kept.untilMs - clock.wall())
    else return await rm(this.#file, { force: true })
    log.info({ untilMs: kept.untilMs }, 'still paused, as before the restart: own queries are served, others’ are not')
  }

  async stop(): Promise<void> {
    await this.#turns.settled()
  }

  /**
   * In force at once; resolves when a restart would not end it. Rejects with `STORAGE_FAILED` or `STORAGE_FULL` when it
   * would.
   */
  async pause(ms?: number): Promise<void> {
    const { pool, clock } = this.#components
    pool.pause(ms)
    const untilMs = ms === undefined ? null : clock.wall() + ms
    await this.#save('paused', () => writeJsonFile(this.#file, { untilMs }))
  }

  /** As `pause`. */
  async resume(): Promise<void> {
    this.#components.pool.resume()
    await this.#save('resumed', () => rm(this.#file, { force: true }))
  }

  async #save(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await this.#turns.take(write)
    } catch (cause) {
      const { code, message } = toRealmeshError(cause, 'STORAGE_FAILED')
      throw new RealmeshError(code, `${what}, but a restart will not know it: ${message}`, {
        fix: `check disk and rights of ${this.#file}`,
        cause,
      })
    }
  }
}
