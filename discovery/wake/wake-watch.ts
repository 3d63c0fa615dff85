/** Looks at clocks and interfaces, and tells when this node's connections may have ended without a word. */
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { addressesOf, type MachineAddresses, type MachineLook, type Upset, upsetBetween } from './upsets.ts'

/** Between two looks: a fifth of the time in which a node that moved is back; a look costs some 50 µs. */
export const WAKE_LOOK_MS = 2_000

export interface WakeWatchComponents {
  readonly clock: Clock
  readonly log: Logger
  /** As `os.networkInterfaces` tells them. */
  readonly interfaces: () => MachineAddresses
  readonly onUpset: (upset: Upset) => void
}

export class WakeWatch implements Startable {
  readonly #components: WakeWatchComponents
  #cancel: (() => void) | undefined

  constructor(components: WakeWatchComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    if (this.#cancel === undefined) this.#lookAfter(this.#look())
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #look(): MachineLook {
    const { clock, interfaces } = this.#components
    return { monotonic: clock.monotonic(), wall: clock.wall(), addresses: addressesOf(interfaces()) }
  }

  #lookAfter(before: MachineLook): void {
    const { clock, log, onUpset } = this.#components
    this.#cancel = clock.after(WAKE_LOOK_MS, () => {
      const now = this.#look()
      this.#lookAfter(now)
      const upset = upsetBetween(before, now, WAKE_LOOK_MS)
      if (upset === undefined) return
      log.info({ upset, addresses: now.addresses }, 'connections may have ended without a word: looking at each')
      onUpset(upset)
    })
  }
}
