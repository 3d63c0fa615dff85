/** Numbers and dates a node's statements of its load. One per node: gossip and replies share the sequence. */

import type { ModelLoad, NodeLoad, NodeTotal } from '../../core/model/load.ts'
import type { Clock } from '../../core/run/clock.ts'
import { isBuiltIn } from '../dht/advertised-names.ts'

export interface LoadStatementsComponents {
  readonly clock: Clock
  /** The load as it is now; what is built in is left out of the statement. */
  models(): readonly ModelLoad[]
  /** The load of the node as a whole. @default not said */
  total?(): NodeTotal
  draining(): boolean
  /** Whether the owner serves no others for now. @default never */
  paused?(): boolean
}

export class LoadStatements {
  readonly #components: LoadStatementsComponents
  #seq = 0

  constructor(components: LoadStatementsComponents) {
    this.#components = components
  }

  /** A new statement. Every call has a higher number; a receiver takes no number twice. */
  next(): NodeLoad {
    const { clock, paused, total } = this.#components
    const at = clock.wall()
    // Follows the wall clock, so that the numbers of a restarted node go on above those of its last run, also when a
    // machine without a clock of its own learns the time only after the start; and never goes back when the clock does.
    // In microseconds, because every reply carries a statement and there may be more than one per millisecond.
    this.#seq = Math.max(this.#seq + 1, Math.trunc(at * 1_000))
    return {
      seq: this.#seq,
      at,
      draining: this.#components.draining(),
      ...(paused?.() === true ? { paused: true } : {}),
      models: this.#components.models().filter(({ model }) => !isBuiltIn(model)),
      ...(total !== undefined && { total: total() }),
    }
  }
}
