/** How many queries a worker runs and can run: its own count, and what the engine says it does for others. */
import type { Priority } from '../../core/query/query.ts'
import type { EngineLoad } from '../../engines/adapter/engine.ts'

/** More than any engine batches; a wrong figure from an engine must not admit without end. */
export const MAX_SLOTS = 1_024

export interface SlotCountInit {
  /** The owner's word. */
  readonly configured?: number | undefined
  /** When neither the owner nor the engine says. */
  readonly fallback: number
}

export class SlotCount {
  #configured: number | undefined
  readonly #fallback: number
  #reported: number | undefined
  #own = 0
  /** Of ours, those that give way. */
  #batch = 0
  /** The most that ran at once since the last report was asked for: a report may be of any moment in between. */
  #ownPeak = 0
  #others = 0

  constructor({ configured, fallback }: SlotCountInit) {
    this.#configured = configured
    this.#fallback = fallback
  }

  /** Queries at once: the owner's word, else the engine's, else the kind's default. */
  get slots(): number {
    const slots = Math.floor(this.#configured ?? this.#reported ?? this.#fallback)
    return Math.min(MAX_SLOTS, Math.max(1, Number.isFinite(slots) ? slots : this.#fallback))
  }

  /** Ours. */
  get own(): number {
    return this.#own
  }

  /** Ours and those that the engine runs for others. */
  get running(): number {
    return this.#own + this.#others
  }

  /** Those whose answer is waited for, ours and others'. */
  get live(): number {
    return this.running - this.#batch
  }

  get free(): number {
    return Math.max(0, this.slots - this.running)
  }

  configure(configured: number | undefined): void {
    this.#configured = configured
  }

  /** Takes a slot. The returned function gives it back; calling it again changes nothing. */
  take(priority: Priority = 'live'): () => void {
    const batch = priority === 'batch' ? 1 : 0
    this.#own += 1
    this.#batch += batch
    this.#ownPeak = Math.max(this.#ownPeak, this.#own)
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#own -= 1
      this.#batch -= batch
    }
  }

  /** Call before asking the engine for its load. */
  expectReport(): void {
    this.#ownPeak = this.#own
  }

  /** The engine's load has come. What it runs beyond ours it runs for others; its own queue counts as running. */
  report({ slots, running, queued }: EngineLoad): void {
    this.#reported = slots !== undefined && slots >= 1 ? slots : undefined
    this.#others = Math.max(0, Math.min(MAX_SLOTS, (running ?? 0) + (queued ?? 0)) - this.#ownPeak)
  }
}
