/**
 * Tells the operator what is easily missed: that the node lives on others' capacity, or that nobody can reach it.
 */

import type { Logger } from '../../core/logger.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import type { Clock } from '../../core/run/clock.ts'

export interface HonestyWatchComponents {
  readonly clock: Clock
  /** Whether others reach this node, by dialling it or through a relay. */
  readonly isReached: () => boolean
  readonly log: Pick<Logger, 'warn'>
}

export interface HonestyWatchInit {
  /** This node's peer id. */
  readonly self: string
}

export class HonestyWatch {
  readonly #components: HonestyWatchComponents
  readonly #self: string
  /** When the first of the answers came that only others have given since; undefined after one of our own. */
  #othersSince: number | undefined
  #fromOthers = 0
  #told = false

  constructor(components: HonestyWatchComponents, init: HonestyWatchInit) {
    this.#components = components
    this.#self = init.self
  }

  /** A query of ours has ended. The operator's log is told once when the node has lived on others for too long. */
  ended(receipt: RouteReceipt, hasEngines: boolean, degradedAfterMs: number): void {
    this.#note(receipt)
    const degraded = this.degraded(hasEngines, degradedAfterMs)
    if (degraded && !this.#told) {
      this.#components.log.warn(
        { answers: this.#fromOthers },
        'all answers come from other nodes: look at the own engines',
      )
    }
    this.#told = degraded
  }

  #note(receipt: RouteReceipt): void {
    if (receipt.outcome !== 'served') return
    if (receipt.attempts.at(-1)?.node === this.#self) {
      this.#othersSince = undefined
      this.#fromOthers = 0
    } else {
      this.#othersSince ??= this.#components.clock.monotonic()
      this.#fromOthers += 1
    }
  }

  /** Whether it has lived on others for too long. `hasEngines`: the owner means this node to compute. */
  degraded(hasEngines: boolean, degradedAfterMs: number): boolean {
    return hasEngines && this.#othersSince !== undefined && this.#othersMs >= degradedAfterMs
  }

  get #othersMs(): number {
    return this.#othersSince === undefined ? 0 : this.#components.clock.monotonic() - this.#othersSince
  }

  /** One line per concern. */
  warnings(hasEngines: boolean, degradedAfterMs: number): readonly string[] {
    const lines: string[] = []
    const ms = this.#othersMs
    if (this.degraded(hasEngines, degradedAfterMs)) {
      lines.push(
        `all ${this.#fromOthers} answers of the last ${Math.round(ms / 60_000)} min came from other nodes: look at the own engines`,
      )
    }
    if (!this.#components.isReached()) {
      lines.push(
        'no other node can open a connection to this one, and no node that it knows relays: forward its port, or nobody uses its engines',
      )
    }
    return lines
  }
}
