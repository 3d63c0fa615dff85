/** What this node tells of the swarm in public: sums over the cards that it holds, and a bounded history of them. */
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { SwarmSample, SwarmSums } from '../../core/swarm-sums.ts'
import { type CardSums, cardSums, type SeenNode } from './swarm-sums.ts'

/** Between two looks that are kept. */
const SAMPLE_MS = 5 * 60_000

/** Looks that are kept: a week of them. */
export const MAX_SWARM_SAMPLES = 2_016

/** How long sums are told again before they are made anew: many who ask cost no more than one. */
const SUMS_KEPT_MS = 10_000

export interface RegistryComponents {
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  /** Whether the owner wants `GET /swarm` to answer; may change while it runs. */
  readonly shows: () => boolean
  /** Every node whose card is known, this one included. */
  readonly seen: () => readonly SeenNode[]
  /** Samples of the process before; undefined where there are none. */
  readonly load: () => Promise<readonly SwarmSample[] | undefined>
  readonly save: (samples: readonly SwarmSample[]) => Promise<void>
}

export interface RegistryInit {
  readonly network: string
}

export class Registry implements Startable {
  readonly #components: RegistryComponents
  readonly #network: string
  #history: readonly SwarmSample[] = []
  #sums: { readonly at: number; readonly sums: CardSums } | undefined
  #cancel = (): void => {}
  #running = false

  constructor(components: RegistryComponents, init: RegistryInit) {
    this.#components = components
    this.#network = init.network
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#history = (await this.#components.load()) ?? []
    this.#sampleLater()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancel()
  }

  /** Undefined while the owner does not want it to be told. */
  sums(): SwarmSums | undefined {
    const { clock, shows } = this.#components
    if (!shows()) return undefined
    return { network: this.#network, at: clock.wall(), ...this.#current(), history: this.#history }
  }

  #current(): CardSums {
    const { clock, seen } = this.#components
    const now = clock.monotonic()
    if (this.#sums === undefined || now - this.#sums.at > SUMS_KEPT_MS) this.#sums = { at: now, sums: cardSums(seen()) }
    return this.#sums.sums
  }

  #sampleLater(): void {
    this.#cancel = this.#components.clock.after(SAMPLE_MS, () => {
      if (!this.#running) return
      if (this.#components.shows()) void this.#sample()
      this.#sampleLater()
    })
  }

  async #sample(): Promise<void> {
    const { clock, log, save } = this.#components
    const { nodes, alive, federations, slots, running } = this.#current()
    const sample = { at: clock.wall(), nodes, alive, federations, slots, running }
    this.#history = [...this.#history, sample].slice(-MAX_SWARM_SAMPLES)
    try {
      await save(this.#history)
    } catch (error) {
      log.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'the history of the swarm is not kept',
      )
    }
  }
}
