/**
 * Group commit: changes wait a few milliseconds for company and go to the medium together, so that one sync serves
 * many. While one batch is being written the next one gathers. A change is acknowledged only when its batch is safe.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { closedError } from '../store/store-error.ts'
import type { Transaction } from './transaction.ts'

/** How long a change waits for company unless it says otherwise: about as long as a sync takes on a common SSD. */
const COMMIT_WINDOW_MS = 4

/** Changes in one batch; beyond it a batch is no cheaper per change and only delays its first one. */
const MAX_BATCH = 1_000

/**
 * Changes for which patient ones wait no longer. A batch of five hundred was measured no cheaper per change (what waits
 * for it outlives the young generation of the garbage collector), and it holds up what streams for longer.
 */
const COMPANY = 128

/** Changes that may wait. At 20,000 a second this is seconds behind: saying so is better than growing. */
const MAX_UNWRITTEN = 50_000

/** A transaction and what to tell its caller. */
export interface WaitingTransaction {
  readonly transaction: Transaction<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export interface GroupCommitComponents {
  /** Writes a batch and settles every member. Never called twice at once; must not throw. */
  readonly commit: (batch: readonly WaitingTransaction[]) => Promise<void>
}

export interface GroupCommitInit {
  /** Names the shard in errors. */
  readonly name: string
  /** @default 4 */
  readonly windowMs?: number
}

export class GroupCommit {
  readonly #commit: GroupCommitComponents['commit']
  readonly #name: string
  readonly #windowMs: number
  #waiting: WaitingTransaction[] = []
  #dueAt = Number.POSITIVE_INFINITY
  /** Patience of the change for which the timer runs. */
  #patienceMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  /** Commits and exclusive sections, one after another. */
  #turn: Promise<void> = Promise.resolve()
  #busy = 0
  #closed = false

  constructor(components: GroupCommitComponents, init: GroupCommitInit) {
    this.#commit = components.commit
    this.#name = init.name
    this.#windowMs = init.windowMs ?? COMMIT_WINDOW_MS
  }

  /** Resolves with what `apply` returned, once that is safe on the medium. */
  submit<T>(transaction: Transaction<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closedError(this.#name))
    if (this.#waiting.length >= MAX_UNWRITTEN) {
      return Promise.reject(new RealmeshError('STORAGE_FAILED', `${this.#name} cannot keep up with what it is given`))
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ transaction, resolve: resolve as (value: unknown) => void, reject })
      this.#schedule(transaction.patienceMs ?? this.#windowMs)
    })
  }

  /** Resolves when everything submitted before is settled. */
  async flush(): Promise<void> {
    // Only what waits now: others keep coming, and their turn is another.
    for (let left = this.#waiting.length; left > 0; left -= MAX_BATCH) {
      this.#begin()
      await this.#turn
    }
    await this.#turn
  }

  /** Runs `task` while no commit runs; those that come meanwhile wait. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    this.#busy += 1
    const result = this.#turn.then(task)
    this.#turn = result.then(
      () => {
        this.#release()
      },
      () => {
        this.#release()
      },
    )
    return result
  }

  /** Settles what waits, then refuses. */
  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  #schedule(patienceMs: number): void {
    if (this.#busy > 0) return // the running batch takes the next one along when it ends
    if (this.#waiting.length >= (patienceMs > this.#windowMs ? COMPANY : MAX_BATCH)) {
      this.#begin()
      return
    }
    if (patienceMs >= this.#patienceMs) return // one that came before is due earlier
    const due = performance.now() + patienceMs
    if (due >= this.#dueAt) return
    this.#dueAt = due
    this.#patienceMs = patienceMs
    clearTimeout(this.#timer)
    // Not unref'd: a process must not end while a caller waits for an acknowledgement.
    this.#timer = setTimeout(() => {
      this.#begin()
    }, patienceMs)
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#patienceMs = Number.POSITIVE_INFINITY
    if (this.#waiting.length === 0) return
    const batch = this.#waiting.splice(0, MAX_BATCH)
    void this.exclusive(() => this.#commit(batch))
  }

  #release(): void {
    this.#busy -= 1
    if (this.#busy > 0 || this.#waiting.length === 0) return
    const patient = Math.min(...this.#waiting.slice(0, MAX_BATCH).map(({ transaction }) => transaction.patienceMs ?? 0))
    if (patient <= this.#windowMs) this.#begin()
    else this.#schedule(patient)
  }
}
