/** Ends relations at their moment: friendships have an end, and so have the certificates that prove a federation. */
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import type { PeerChange, PeerTable } from './peer-table.ts'

/** The wall clock may be set: it is looked at again so often. */
const LONGEST_WAIT_MS = 3_600_000

export interface StandingEndsComponents {
  readonly table: Pick<PeerTable, 'entries' | 'get' | 'rejudge' | 'onChange'>
  readonly clock: Clock
}

export class StandingEnds implements Startable {
  readonly #components: StandingEndsComponents
  /** The next end, wall clock. */
  #next = Number.POSITIVE_INFINITY
  #cancel = (): void => {}
  #unlisten = (): void => {}

  constructor(components: StandingEndsComponents) {
    this.#components = components
  }

  async start(): Promise<void> {
    this.#unlisten = this.#components.table.onChange(this.#onChange)
    this.#lookAtAll()
  }

  async stop(): Promise<void> {
    this.#unlisten()
    this.#cancel()
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    if (kind === 'card' || kind === 'relation') this.#waitFor(this.#components.table.get(id)?.standing.until)
  }

  #lookAtAll(): void {
    this.#next = Number.POSITIVE_INFINITY
    for (const { standing } of this.#components.table.entries()) this.#waitFor(standing.until)
  }

  #waitFor(until = Number.POSITIVE_INFINITY): void {
    const { clock } = this.#components
    if (until >= this.#next) return
    this.#next = until
    this.#cancel()
    this.#cancel = clock.after(Math.min(LONGEST_WAIT_MS, Math.max(0, until - clock.wall())), () => this.#end())
  }

  #end(): void {
    this.#components.table.rejudge()
    this.#lookAtAll()
  }
}
