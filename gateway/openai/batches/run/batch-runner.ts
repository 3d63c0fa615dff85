/**
 * All batches of this gateway that have not ended: takes them up when the node starts, runs some of them at a time, and
 * leaves them where they are when it stops.
 */
import type { UserBatch } from '../../../../core/batch/user-batch.ts'
import { toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { OwnedBatch } from '../../../../node/api/kept-batches.ts'
import { type BatchProgress, BatchRun, type BatchRunComponents } from './batch-run.ts'

/** Batches that run at once: each has lines in memory. */
export const MAX_BATCHES_AT_ONCE = 8

/** Of these, batches of one user: their others wait, and leave room for those of others. */
export const MAX_BATCHES_AT_ONCE_OF_USER = 4

/** How long a batch rests whose state could not be written, milliseconds: a disk is seldom full for less. */
const REST_MS = 30_000

/** What is gone is not tried again. */
const GONE: ReadonlySet<string> = new Set(['BATCH_NOT_FOUND', 'FILE_NOT_FOUND', 'USER_NOT_FOUND'])

export class BatchRunner {
  readonly #components: BatchRunComponents
  /** In the order in which they came. */
  readonly #waiting: OwnedBatch[] = []
  readonly #running = new Map<string, { readonly run: BatchRun; readonly over: Promise<void> }>()
  readonly #timers = new Set<() => void>()
  #stopped = false
  #stopListening = (): void => {}

  constructor(components: BatchRunComponents) {
    this.#components = components
  }

  /** Takes up what has not ended. Resolves once it is known which batches there are. */
  async start(): Promise<void> {
    const { node, log } = this.#components.context
    this.#stopListening = node.batches.onErase((user) => this.#forget(user))
    try {
      for await (const owned of node.batches.unfinished()) this.add(owned)
    } catch (thrown) {
      log.error({ code: toRealmeshError(thrown).code }, 'batches that were under way could not be taken up')
    }
  }

  /** Nothing is asked any more; resolves when nothing runs. What has a result is safe. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopListening()
    for (const cancel of this.#timers) cancel()
    this.#waiting.length = 0
    for (const { run } of this.#running.values()) run.stop()
    await Promise.all([...this.#running.values()].map(({ over }) => over))
  }

  /** A batch that is to run, as soon as it is its turn. */
  add(owned: OwnedBatch): void {
    const { id } = owned.batch
    if (this.#stopped || this.#running.has(id) || this.#waiting.some(({ batch }) => batch.id === id)) return
    this.#waiting.push(owned)
    this.#next()
  }

  /** The batch is `cancelling`. */
  cancel(user: string, batch: UserBatch): void {
    const running = this.#running.get(batch.id)
    if (running !== undefined) running.run.cancel()
    else this.#begin({ user, batch }) // its end costs nothing: it need not wait for its turn
  }

  /** Of a batch that runs; undefined for one that waits for its turn or has ended. */
  progress(id: string): BatchProgress | undefined {
    return this.#running.get(id)?.run.progress
  }

  #next(): void {
    for (const owned of [...this.#waiting]) {
      if (this.#running.size >= MAX_BATCHES_AT_ONCE) return
      const ofUser = [...this.#running.values()].filter(({ run }) => run.user === owned.user).length
      if (ofUser < MAX_BATCHES_AT_ONCE_OF_USER) this.#begin(owned)
    }
  }

  #begin(owned: OwnedBatch): void {
    const { id } = owned.batch
    const at = this.#waiting.findIndex(({ batch }) => batch.id === id)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#stopped) return
    const run = new BatchRun(this.#components, owned)
    const over = run.run().then(
      () => this.#ended(id),
      (thrown: unknown) => this.#broke(run, thrown),
    )
    this.#running.set(id, { run, over })
  }

  #ended(id: string): void {
    this.#running.delete(id)
    this.#next()
  }

  /** Its state could not be read or written: it is tried again, unless it is gone. */
  #broke(run: BatchRun, thrown: unknown): void {
    const { context } = this.#components
    const { code } = toRealmeshError(thrown)
    this.#ended(run.batch.id)
    if (this.#stopped || GONE.has(code)) return
    context.log.error({ batch: run.batch.id, code }, 'a batch could not go on; it is tried again')
    const cancel = context.clock.after(REST_MS, () => {
      this.#timers.delete(cancel)
      this.add({ user: run.user, batch: run.batch })
    })
    this.#timers.add(cancel)
  }

  #forget(user: string): void {
    for (let at = this.#waiting.length - 1; at >= 0; at -= 1) {
      if (this.#waiting[at]?.user === user) this.#waiting.splice(at, 1)
    }
    for (const { run } of this.#running.values()) if (run.user === user) run.stop()
  }
}
