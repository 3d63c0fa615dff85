/** Whether the operator wants no new query on this node, until they say otherwise or it is started anew. */
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Changed } from '../api/changes.ts'

const FOR_NOW: Changed = { lasts: 'until the restart' }

export class DrainSwitch {
  readonly #tell: () => void
  #on = false

  /** `onChange` tells the swarm. */
  constructor(components: { readonly onChange: () => void }) {
    this.#tell = components.onChange
  }

  get on(): boolean {
    return this.#on
  }

  /** Throws `DRAINING` while it is on. */
  assertOff(): void {
    if (!this.#on) return
    throw new RealmeshError('DRAINING', 'this node is drained by its operator', {
      fix: 'ask another node; on this one realmesh undrain takes queries again',
    })
  }

  drain(): Changed {
    return this.#set(true)
  }

  undrain(): Changed {
    return this.#set(false)
  }

  #set(on: boolean): Changed {
    const before = this.#on
    this.#on = on
    if (before !== on) this.#tell()
    return FOR_NOW
  }
}
