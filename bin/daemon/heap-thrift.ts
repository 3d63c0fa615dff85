/**
 * Collects garbage sooner while this process is large. V8 lets a heap grow to a multiple of what lives in it, which
 * is cheap for a small process: one that a thousand users have made large would hold several hundred megabytes of
 * garbage on a machine whose memory its owner wants for models.
 */
import { setFlagsFromString } from 'node:v8'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'

const MIB = 2 ** 20

/**
 * Resident memory from which on the heap grows less, bytes. A node that some dozen programs use stays below it; with a
 * thousand sockets it is passed while they connect.
 */
export const LARGE_PROCESS_BYTES = 300 * MIB
/** Resident memory below which V8 does as it likes again, bytes: well under the other, so that it does not swing. */
export const SMALL_PROCESS_BYTES = 220 * MIB
/** How often the process is looked at, milliseconds: a thousand sockets fill some 8 MB of heap in a second. */
export const HEAP_LOOK_MS = 2_000

/**
 * How far the heap grows beyond what lived at the last collection, percent. Measured with a thousand users of a socket:
 * at most 300 MB instead of 600, for three hundredths of a core.
 */
const GROWTH_PERCENT = 35
/** V8 decides. */
const V8_DECIDES = 0

export interface HeapThriftComponents {
  /** @default that of the system */
  readonly clock?: Pick<Clock, 'after'>
  /** Bytes. @default that of this process */
  readonly residentBytes?: () => number
  /** @default V8's own flag */
  readonly setGrowth?: (percent: number) => void
}

export class HeapThrift implements Startable {
  readonly #clock: Pick<Clock, 'after'>
  readonly #residentBytes: () => number
  readonly #setGrowth: (percent: number) => void
  #thrifty = false
  #cancel: (() => void) | undefined

  constructor(components: HeapThriftComponents = {}) {
    this.#clock = components.clock ?? systemClock
    this.#residentBytes = components.residentBytes ?? (() => process.memoryUsage.rss())
    this.#setGrowth = components.setGrowth ?? setHeapGrowth
  }

  async start(): Promise<void> {
    this.#cancel ??= this.#clock.after(HEAP_LOOK_MS, this.#look)
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
  }

  readonly #look = (): void => {
    const bytes = this.#residentBytes()
    const thrifty = this.#thrifty ? bytes >= SMALL_PROCESS_BYTES : bytes >= LARGE_PROCESS_BYTES
    if (thrifty !== this.#thrifty) {
      this.#thrifty = thrifty
      this.#setGrowth(thrifty ? GROWTH_PERCENT : V8_DECIDES)
    }
    this.#cancel = this.#clock.after(HEAP_LOOK_MS, this.#look)
  }
}

function setHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
