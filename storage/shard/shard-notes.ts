/**
 * Two small files beside a shard's store: that it was created, and what is wrong with it while it is out of service.
 */
import type { StoreFiles } from '../store/store-files.ts'
import type { ShardFolder } from './shard-folder.ts'
import type { ShardDamage } from './shard-integrity.ts'

/** Written when the store was created: from then on a missing file of the store is damage. */
export interface ShardMarker {
  readonly epoch: string
  /** Wall clock, milliseconds. */
  readonly createdAt: number
}

/** What the operator is told of a damaged shard. */
export interface DamageReport extends ShardDamage {
  readonly shard: string
  /** Wall clock, milliseconds. */
  readonly at: number
  /** Where the untouched files are. */
  readonly quarantine: string
  /** Whether there was nothing to keep aside: all of its files were gone. */
  readonly gone?: boolean
  /** What LevelDB's repair brought back on a copy; absent when it brought back nothing. */
  readonly repair?: RepairReport
}

export interface RepairReport {
  readonly recordsFound: number
  readonly damagedRecords: number
  /** Whether nothing is missing. */
  readonly complete: boolean
}

export class ShardNotes {
  readonly #files: StoreFiles
  readonly #at: ShardFolder

  constructor(components: { readonly files: StoreFiles }, init: { readonly at: ShardFolder }) {
    this.#files = components.files
    this.#at = init.at
  }

  marker(): Promise<ShardMarker | undefined> {
    return this.#read<ShardMarker>(this.#at.marker)
  }

  async writeMarker(marker: ShardMarker): Promise<void> {
    await this.#files.writeAtomic(this.#at.marker, JSON.stringify(marker))
  }

  damage(): Promise<DamageReport | undefined> {
    return this.#read<DamageReport>(this.#at.damage)
  }

  async writeDamage(report: DamageReport): Promise<void> {
    await this.#files.writeAtomic(this.#at.damage, JSON.stringify(report, undefined, 2))
  }

  async #read<T>(path: string): Promise<T | undefined> {
    const text = await this.#files.read(path)
    return text === undefined ? undefined : (JSON.parse(text.toString()) as T)
  }
}
