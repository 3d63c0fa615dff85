/** Tokens that API keys have used today, kept over restarts: a limit per day holds whatever becomes of the process. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Logger } from '../../../core/logger.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { Startable } from '../../../core/run/startable.ts'
import type { DayOfTokens } from '../../../gateway/allowance/allowances.ts'
import { readJsonFile, writeJsonFile } from '../../../home/json-file.ts'

/** What is written at most so often, and so what a crash may forget: some seconds of one machine's tokens. */
const WRITE_EVERY_MS = 5_000

const dayOfTokens = z.object({ day: z.int(), tokens: z.record(z.string(), z.number().min(0)) })

/** What was used before; undefined where nothing is known of it. */
export async function readKeyUsage(file: string, log: Logger): Promise<DayOfTokens | undefined> {
  return await readJsonFile(
    file,
    (value) => dayOfTokens.parse(value),
    (error) => log.warn({ err: error }, `${file} cannot be read: the tokens of API keys are counted from 0 today`),
  )
}

export interface KeyUsageKeeperComponents {
  readonly gateway: { tokensToday(): DayOfTokens }
  readonly clock: Pick<Clock, 'after'>
  readonly log: Logger
}

export class KeyUsageKeeper implements Startable {
  readonly #components: KeyUsageKeeperComponents
  readonly #file: string
  #written: DayOfTokens | undefined
  #cancel: (() => void) | undefined

  /** `before`: what stands in the file. */
  constructor(components: KeyUsageKeeperComponents, file: string, before: DayOfTokens | undefined) {
    this.#components = components
    this.#file = file
    this.#written = before
  }

  async start(): Promise<void> {
    this.#arm()
  }

  /** Writes what is not written yet. */
  async stop(): Promise<void> {
    this.#cancel?.()
    await this.#write()
  }

  #arm(): void {
    this.#cancel = this.#components.clock.after(WRITE_EVERY_MS, () => {
      void this.#write().then(() => this.#arm())
    })
  }

  async #write(): Promise<void> {
    const today = this.#components.gateway.tokensToday()
    if (Object.keys(today.tokens).length === 0 || isDeepStrictEqual(today, this.#written)) return
    try {
      await writeJsonFile(this.#file, today)
      this.#written = today
    } catch (err) {
      this.#components.log.warn({ err }, 'what API keys have used today cannot be written')
    }
  }
}
