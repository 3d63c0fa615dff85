/** Numbers and dates a node's statements of its load. One per node: gossip and replies share the sequence. */
import type { Clock } from '../core/clock.ts'
import type { ModelLoad, NodeLoad } from '../core/load.ts'

export interface LoadStatementsComponents {
  readonly clock: Clock
  /** The load as it is now; the built-in guide is never among it. */
  models(): readonly ModelLoad[]
  draining(): boolean
}

export class LoadStatements {
  readonly #components: LoadStatementsComponents
  #seq = 0

  constructor(components: LoadStatementsComponents) {
    this.#components = components
  }

  /** A new statement. Every call has a higher number; a receiver takes no number twice. */
  next(): NodeLoad {
    const { clock } = this.#components
    this.#seq += 1
    return {
      seq: this.#seq,
      at: clock.wall(),
      draining: this.#components.draining(),
      models: this.#components.models(),
    }
  }
}
