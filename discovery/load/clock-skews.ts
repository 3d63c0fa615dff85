/**
 * How far the clocks of peers are from ours, as their load records say: beyond half a minute they are not believed, and
 * the owner is told.
 */
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { MAX_SKEW_MS } from './load-limits.ts'

/** Peers whose clock is kept; above what can be connected. */
const MAX_CLOCKS = 256

const MINUTE_MS = 60_000

export class ClockSkews {
  readonly #log: Pick<Logger, 'warn'>
  /** Milliseconds that a peer's clock is ahead of ours; only those that are too far. */
  readonly #skews = new LRUCache<string, number>({ max: MAX_CLOCKS })
  /** All peers that were heard. */
  readonly #heard = new LRUCache<string, true>({ max: MAX_CLOCKS })

  constructor({ log }: { readonly log: Pick<Logger, 'warn'> }) {
    this.#log = log
  }

  /** A connected peer said what time it is there; `skewMs` is negative where that is behind ours. */
  note(peer: string, skewMs: number): void {
    this.#heard.set(peer, true)
    if (Math.abs(skewMs) <= MAX_SKEW_MS) {
      this.#skews.delete(peer)
      return
    }
    const isNews = !this.#skews.has(peer)
    this.#skews.set(peer, skewMs)
    if (isNews) this.#log.warn({ peer, skewMs: Math.round(skewMs) }, describe(peer, skewMs))
  }

  /** The peer is gone: its clock is no concern any more. */
  forget(peer: string): void {
    this.#skews.delete(peer)
    this.#heard.delete(peer)
  }

  /** How many peers told their time, and of those that are too far off how many milliseconds they are ahead of ours. */
  get readings(): { readonly heard: number; readonly skews: ReadonlyMap<string, number> } {
    return { heard: this.#heard.size, skews: new Map(this.#skews.entries()) }
  }

  /** One line for a peer whose clock is another, and one for all when it is ours that differs from all. */
  warnings(): readonly string[] {
    const skews = [...this.#skews.entries()]
    const [first] = skews
    if (first === undefined) return []
    if (skews.length > 1 && skews.length === this.#heard.size) {
      return [`the clock of this machine differs from those of all ${skews.length} peers, by ${span(first[1])}: set it`]
    }
    return skews.map(([peer, skewMs]) => describe(peer, skewMs))
  }
}

function describe(peer: string, skewMs: number): string {
  const way = skewMs > 0 ? 'ahead of' : 'behind'
  return `the clock of peer …${peer.slice(-8)} is ${span(skewMs)} ${way} the one here: set the wrong one; its load is not believed until then`
}

function span(skewMs: number): string {
  const ms = Math.abs(skewMs)
  return ms < 2 * MINUTE_MS ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / MINUTE_MS)} min`
}
