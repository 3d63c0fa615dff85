/**
 * Looks for engines on this machine at the start and from time to time, and says what it saw. What becomes of that
 * others decide.
 */

import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type Detection, detectEngines, type FoundEngine } from '../../engines/detect-engines.ts'

/** An engine that is started later is found within a minute; a look costs a few dozen refused connects on loopback. */
export const LOOK_EVERY_MS = 60_000

export interface EngineFinderComponents {
  readonly clock: Clock
  readonly log: Logger
  /** Told after each look what answered. The next look is planned when this has ended. */
  readonly onFound: (engines: readonly FoundEngine[]) => Promise<void>
  /** @default the real detection */
  readonly detect?: DetectEngines | undefined
}

/** Looks once. Throws when the signal aborts. */
export type DetectEngines = (options: { readonly signal: AbortSignal }) => Promise<SeenEngines>

/** What a look saw; what it left out, with the reason, where it says so. */
export type SeenEngines = Pick<Detection, 'found'> & Partial<Detection>

export interface LastLook extends Detection {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number
}

export class EngineFinder implements Startable {
  readonly #components: EngineFinderComponents
  /** Of the looks from one start to the next stop. */
  #life: AbortController | undefined
  #looking: Promise<void> = Promise.resolve()
  #cancel = (): void => {}
  #seen: LastLook | undefined

  constructor(components: EngineFinderComponents) {
    this.#components = components
  }

  /** Begins to look; resolves when what the first look found has been told. */
  async start(): Promise<void> {
    if (this.#life === undefined) {
      const life = new AbortController()
      this.#life = life
      this.#looking = this.#looking.then(() => this.#look(life))
    }
    await this.#looking
  }

  /** Nothing is told any more from now on; resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    this.#life?.abort()
    this.#life = undefined
    this.#cancel()
    await this.#looking
  }

  /** The last look; undefined before the first. */
  get seen(): LastLook | undefined {
    return this.#seen
  }

  /**
   * Looks now, behind a look that is under way; what is found is told where the finder runs. Throws what keeps it from
   * looking.
   */
  async lookNow(): Promise<LastLook> {
    const life = this.#life
    const seen = this.#looking.then(() => this.#detect(life?.signal ?? new AbortController().signal))
    this.#looking = seen.then(
      async ({ found }) => {
        if (life?.signal.aborted === false) await this.#components.onFound(found)
      },
      () => {}, // told to the one that asked for it
    )
    await this.#looking
    return await seen
  }

  async #detect(signal: AbortSignal): Promise<LastLook> {
    const { clock, detect = (options) => detectEngines({}, options) } = this.#components
    signal.throwIfAborted()
    const { found, refused = [] } = await detect({ signal })
    this.#seen = { found, refused, at: clock.wall() }
    return this.#seen
  }

  async #look(life: AbortController): Promise<void> {
    const { log, clock, onFound } = this.#components
    const { signal } = life
    try {
      const { found } = await this.#detect(signal)
      if (!signal.aborted) await onFound(found)
    } catch (thrown) {
      const { code, message } = toRealmeshError(thrown)
      if (!signal.aborted) log.warn({ code }, `looking for engines failed: ${message}`)
    }
    if (signal.aborted) return
    this.#cancel = clock.after(LOOK_EVERY_MS, () => {
      this.#looking = this.#look(life)
    })
  }
}
