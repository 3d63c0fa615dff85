/**
 * Sums over all queries that were served here, ever, and the most users connected at once: in memory, and every few
 * seconds in one row of the index, so that no query writes for them. What users' erasure takes with it stays counted.
 */
import type { Clock } from '../../core/run/clock.ts'
import { type Account, MICROS, servedCount } from '../rows/account.ts'
import type { Shard } from '../shard/shard.ts'
import { TOTALS_KEY } from './index-rows.ts'

/** Between two writes while queries end. A crash loses what was counted since the last. */
export const LEDGER_EVERY_MS = 5_000

export interface TypeSums {
  readonly queries: number
  readonly timeMs: number
}

export interface HouseSums extends TypeSums {
  readonly costMicros: number
  readonly byType: Readonly<Record<string, TypeSums>>
  readonly mostConnected: number
}

/** What is counted of a query. */
export interface LedgerEntry {
  readonly type: string
  readonly tookMs: number
  /** Credits. */
  readonly cost: number
  readonly outcome: string
}

export const NO_SUMS: HouseSums = { queries: 0, timeMs: 0, costMicros: 0, byType: {}, mostConnected: 0 }

/** The sums after one more query; only what was served counts. */
export function summed(sums: HouseSums, { type, tookMs, cost, outcome }: LedgerEntry): HouseSums {
  if (outcome !== 'served') return sums
  const before = sums.byType[type]
  return {
    queries: sums.queries + 1,
    timeMs: sums.timeMs + tookMs,
    costMicros: sums.costMicros + Math.round(cost * MICROS),
    byType: {
      ...sums.byType,
      [type]: { queries: (before?.queries ?? 0) + 1, timeMs: (before?.timeMs ?? 0) + tookMs },
    },
    mostConnected: sums.mostConnected,
  }
}

export interface HouseLedgerComponents {
  readonly shard: Shard
  readonly clock: Pick<Clock, 'after'>
  /** Told of a write that failed; it is tried again. */
  readonly onFailed?: (cause: unknown) => void
}

export class HouseLedger {
  readonly #shard: Shard
  readonly #clock: Pick<Clock, 'after'>
  readonly #onFailed: (cause: unknown) => void
  #sums = NO_SUMS
  #written = NO_SUMS
  #cancel: (() => void) | undefined
  #closed = false

  constructor({ shard, clock, onFailed }: HouseLedgerComponents) {
    this.#shard = shard
    this.#clock = clock
    this.#onFailed = onFailed ?? (() => {})
  }

  get sums(): HouseSums {
    return this.#sums
  }

  /**
   * Reads the row. Where there is none, for the data is older than it or the index was lost, the accounts tell what
   * their queries cost; of which types they were nobody knows any more.
   */
  async load(accounts: () => AsyncIterable<Account>): Promise<void> {
    this.#sums = (await this.#shard.get<HouseSums>(TOTALS_KEY)) ?? (await sumOf(accounts()))
    this.#written = this.#sums
  }

  add(entry: LedgerEntry): void {
    this.#take(summed(this.#sums, entry))
  }

  /** Raises the record of users connected at once. */
  noteConnected(count: number): void {
    if (count > this.#sums.mostConnected) this.#take({ ...this.#sums, mostConnected: count })
  }

  /** Resolves once what was counted before is safe. Throws what the store says. */
  async flush(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const sums = this.#sums
    if (sums === this.#written) return
    await this.#shard.transact({
      reads: [],
      apply: (view) => {
        view.write(TOTALS_KEY, sums)
      },
    })
    this.#written = sums
  }

  /** Writes for the last time; call it before the store closes. */
  async stop(): Promise<void> {
    this.#closed = true
    await this.flush().catch(this.#onFailed)
  }

  #take(sums: HouseSums): void {
    if (sums === this.#sums) return
    this.#sums = sums
    this.#writeLater()
  }

  #writeLater(): void {
    if (this.#closed) return
    this.#cancel ??= this.#clock.after(LEDGER_EVERY_MS, () => {
      this.#cancel = undefined
      this.flush().catch((cause: unknown) => {
        this.#onFailed(cause)
        this.#writeLater()
      })
    })
  }
}

async function sumOf(accounts: AsyncIterable<Account>): Promise<HouseSums> {
  let sums = NO_SUMS
  for await (const account of accounts) {
    sums = {
      ...sums,
      queries: sums.queries + servedCount(account),
      timeMs: sums.timeMs + account.totalTimeMs,
      costMicros: sums.costMicros + account.totalCostMicros,
    }
  }
  return sums
}
