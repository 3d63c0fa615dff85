/** Files and stores of which the Nth call fails: before it does anything, or after it did all of it. */
import { type LevelShardInit, levelShard } from '../../storage/store/level-shard.ts'
import type { ShardStore } from '../../storage/store/shard-store.ts'
import { storageError } from '../../storage/store/store-error.ts'
import { diskFiles, type StoreFiles } from '../../storage/store/store-files.ts'

/** `before`: nothing happened. `after`: it happened, and the caller is told that it did not. */
export type FailureMode = 'before' | 'after'

export class FailingIo {
  readonly #failAt: number
  readonly #mode: FailureMode
  #calls = 0

  constructor(failAt: number, mode: FailureMode) {
    this.#failAt = failAt
    this.#mode = mode
  }

  /** Whether the call that was to fail was ever made. */
  get failed(): boolean {
    return this.#calls >= this.#failAt
  }

  readonly files: StoreFiles = this.#wrap(diskFiles, async (name, result) =>
    name === 'openFile' ? this.#wrap((await result) as object) : await result,
  )

  /** A store translates the errors of its software itself, so it fails with one of ours. */
  readonly newStore = (init: LevelShardInit): ShardStore =>
    this.#wrap(levelShard(init), undefined, (what) => storageError(ioError(what), init.name))

  #wrap<T extends object>(
    target: T,
    finish: (name: string, result: unknown) => unknown = (_, result) => result,
    error: (what: string) => Error = ioError,
  ): T {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name)
        if (typeof value !== 'function' || name === 'snapshot')
          return typeof value === 'function' ? value.bind(object) : value
        return async (...args: unknown[]) => {
          this.#calls += 1
          const mine = this.#calls === this.#failAt
          // A close that fails has let go all the same, as in an operating system.
          if (mine && this.#mode === 'before' && name !== 'close') throw error(String(name))
          const result = await finish(String(name), value.apply(object, args))
          // An opened file that the caller never gets must not stay open.
          if (mine && name === 'openFile') await (result as { close(): Promise<void> }).close()
          if (mine) throw error(String(name))
          return result
        }
      },
    })
  }
}

function ioError(what: string): Error {
  return Object.assign(new Error(`EIO: i/o error, ${what}`), { code: 'EIO' })
}
