/**
 * Keeps a full disk from becoming a damaged store: refuses writes while there is still a little room, keeps a reserve
 * file that is given up when even opening needs space, and lets writing resume by itself when there is room again.
 */
import { join } from 'node:path'
import { type Logger, silentLogger } from '../../core/logger.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { WRITE_BUFFER_BYTES } from '../store/level-shard.ts'
import type { Space, StoreFiles } from '../store/store-files.ts'

/**
 * Writes stop below this much free space, or below this share of the disk if that is less (small disks and test
 * mounts).
 */
const LOW_BYTES = 256 * 1024 * 1024
const LOW_SHARE = 0.05

/** The reserve: LevelDB writes its log anew as a table when it opens; this is four logs, one for each default shard. */
const RESERVE_BYTES = 64 * 1024 * 1024

/** How often to look. A node writes a few kilobytes per query: 256 MB do not go in five seconds by us. */
const CHECK_EVERY_MS = 5_000

/** Whether there is too little room to go on writing. */
export function isLow(space: Space, lowBytes = LOW_BYTES): boolean {
  return space.freeBytes < Math.min(lowBytes, space.totalBytes * LOW_SHARE)
}

/** The reserve for a disk of this size: never more than a hundredth of it, so that small disks keep their room. */
export function reserveFor(space: Space, bytes = RESERVE_BYTES): number {
  return Math.min(bytes, Math.floor(space.totalBytes / 100))
}

/**
 * Free space that reopening a store needs: LevelDB writes its log, a write buffer at most, anew as a table, and small
 * files beside it. An open that finds less fails, and then not even reading goes on.
 */
export const REOPEN_BYTES = WRITE_BUFFER_BYTES + 4 * 1024 * 1024

/** A part that can stop writing and take it up again. */
export interface Guarded {
  readonly name: string
  readonly refusal: RealmeshError | undefined
  /** Whether taking up writing means to reopen. */
  readonly mustReopen: boolean
  /** Whether its files are gone, so that it cannot take up writing. */
  readonly lost: boolean
  lookAtFiles(): Promise<void>
  refuseWrites(reason: RealmeshError): void
  recover(): Promise<void>
}

export interface DiskGuardComponents {
  readonly files: StoreFiles
  readonly clock: Clock
  readonly guarded: () => readonly Guarded[]
  /** Opens what did not open before; called at every look that finds room. Must not throw. */
  readonly reopen?: () => Promise<void>
  readonly logger?: Logger
}

export interface DiskGuardInit {
  /** Folder on the disk to watch; the reserve lies in it. */
  readonly folder: string
  /** Bytes below which writes stop. @default 268435456 */
  readonly lowBytes?: number
  /** Bytes of the reserve file; 0 for none. @default 67108864 */
  readonly reserveBytes?: number
  /** Milliseconds between looks. @default 5000 */
  readonly checkEveryMs?: number
}

export class DiskGuard implements Startable {
  readonly #to: DiskGuardComponents
  readonly #init: DiskGuardInit
  readonly #logger: Logger
  #cancel: (() => void) | undefined
  #running = false
  #check: Promise<void> = Promise.resolve()

  constructor(components: DiskGuardComponents, init: DiskGuardInit) {
    this.#to = components
    this.#init = init
    this.#logger = components.logger ?? silentLogger
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.check()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancel?.()
    await this.#check
  }

  /**
   * Looks now: refuses or resumes, and keeps the reserve. Never throws: a look that fails is logged and tried again.
   */
  check(): Promise<void> {
    this.#check = this.#check.then(() => this.#look())
    return this.#check
  }

  /** Gives the reserve up, for an open that found no room. Resolves with whether there was one. */
  async releaseReserve(): Promise<boolean> {
    const path = this.#reservePath()
    if (!(await this.#to.files.exists(path))) return false
    await this.#to.files.remove(path)
    return true
  }

  #reservePath(): string {
    return join(this.#init.folder, 'reserve')
  }

  #schedule(): void {
    if (!this.#running) return
    this.#cancel = this.#to.clock.after(this.#init.checkEveryMs ?? CHECK_EVERY_MS, () => {
      void this.check().then(() => {
        this.#schedule()
      })
    })
  }

  async #look(): Promise<void> {
    try {
      const space = await this.#to.files.space(this.#init.folder)
      for (const part of this.#to.guarded()) await part.lookAtFiles()
      if (isLow(space, this.#init.lowBytes)) this.#refuse()
      else await this.#resume(space)
    } catch (cause) {
      this.#logger.warn(
        { reason: cause instanceof Error ? cause.message : String(cause) },
        'the disk could not be looked at',
      )
    }
  }

  #refuse(): void {
    for (const part of this.#to.guarded()) {
      if (part.refusal !== undefined) continue
      this.#logger.error({ shard: part.name }, 'too little room on the disk: no more writes')
      part.refuseWrites(
        new RealmeshError('STORAGE_FULL', 'the disk is nearly full: nothing more is written', {
          fix: 'free some space; writing resumes by itself',
        }),
      )
    }
  }

  async #resume(space: Space): Promise<void> {
    for (const part of this.#to.guarded()) {
      if (part.refusal === undefined || part.lost) continue
      if (part.refusal.code === 'STORAGE_FULL' && part.mustReopen && space.freeBytes < REOPEN_BYTES) continue
      await part.recover().then(
        () => {
          this.#logger.info({ shard: part.name }, 'writing resumes')
        },
        (cause: unknown) => {
          this.#logger.warn({ shard: part.name, reason: String(cause) }, 'writing does not resume yet')
        },
      )
    }
    await this.#to.reopen?.()
    await this.#keepReserve(space)
  }

  async #keepReserve(space: Space): Promise<void> {
    const bytes = reserveFor(space, this.#init.reserveBytes)
    // Only with room to spare: the reserve must not be what makes the disk low.
    if (bytes === 0 || isLow({ ...space, freeBytes: space.freeBytes - 2 * bytes }, this.#init.lowBytes)) return
    const path = this.#reservePath()
    if ((await this.#to.files.size(path)) < bytes) await this.#to.files.fill(path, bytes)
  }
}
