/**
 * Looks whether the home is still there: a folder that was removed, or a disk that went away, is told at once and not
 * at the next start.
 */
import { stat } from 'node:fs/promises'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { HomeFolder } from '../../home/home-folder.ts'

/** One question to the file system: cheap, and soon enough for the owner to stop the node and put the home back. */
const LOOK_MS = 2_000

export interface HomeWatchComponents {
  readonly clock: Clock
  readonly log: Pick<Logger, 'error' | 'info'>
}

export class HomeWatch implements Startable {
  readonly #components: HomeWatchComponents
  readonly #file: string
  #cancel = (): void => {}
  #running = false
  #gone = false

  /** `identityKey` stands for the home: without it this node is another one after its next start. */
  constructor(components: HomeWatchComponents, { identityKey }: Pick<HomeFolder, 'identityKey'>) {
    this.#components = components
    this.#file = identityKey
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#lookLater()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancel()
  }

  /** One line while it is gone. */
  warnings(): readonly string[] {
    return this.#gone ? [this.#trouble] : []
  }

  get #trouble(): string {
    return `${this.#file} is gone, and with it the home of this node: put it back, or stop the node, for nothing is kept any more`
  }

  #lookLater(): void {
    this.#cancel = this.#components.clock.after(LOOK_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { log } = this.#components
    const gone = await stat(this.#file).then(
      () => false,
      () => true,
    )
    if (!this.#running) return
    if (gone !== this.#gone) {
      this.#gone = gone
      if (gone) log.error({}, this.#trouble)
      else log.info({}, 'the home of this node is back')
    }
    this.#lookLater()
  }
}
