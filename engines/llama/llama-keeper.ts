/**
 * Keeps one process that holds llama.cpp: started when it is first needed, started again after a crash, with growing
 * pauses.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import { type LlamaChildProcess, LlamaProcess } from './llama-process.ts'
import type { LlamaSettings } from './messages.ts'

/** A process that lived this long was not killed by its start: the count of crashes begins anew. */
const STEADY_MS = 60_000

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

export interface LlamaKeeperComponents {
  /** @default systemClock */
  readonly clock?: Pick<Clock, 'monotonic'>
  /** Makes the process. @default child.ts in a process of its own */
  readonly fork?: () => LlamaChildProcess
}

/** Milliseconds to wait after the n-th crash in a row: none after the first, then doubling. */
export function restartPauseMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (crashes - 2))
}

export class LlamaKeeper {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #fork: () => LlamaChildProcess
  readonly #settings: LlamaSettings
  /** Until it has ended: two at once would hold the weights twice. */
  #process: LlamaProcess | undefined
  #crashes = 0
  #notBefore = 0
  #closed = false

  constructor({ clock = systemClock, fork = forkChild }: LlamaKeeperComponents, settings: LlamaSettings) {
    this.#clock = clock
    this.#fork = fork
    this.#settings = settings
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Queries that run. */
  get running(): number {
    return this.#process?.running ?? 0
  }

  /** The process, which may still load its model. Throws as `loaded` does. */
  begun(): LlamaProcess {
    if (this.#closed) throw new RealmeshError('ENGINE_FAILED', 'llama was stopped')
    this.#process ??= this.#start()
    return this.#process
  }

  /**
   * The process, with its model loaded. Throws `ENGINE_FAILED` when it cannot be, while it pauses after crashes, and
   * once it is closed.
   */
  async loaded(): Promise<LlamaProcess> {
    const process = this.begun()
    await process.info
    return process
  }

  async close(): Promise<void> {
    this.#closed = true
    const process = this.#process
    process?.kill()
    await process?.end
  }

  #start(): LlamaProcess {
    const wait = this.#notBefore - this.#clock.monotonic()
    if (wait > 0) {
      throw new RealmeshError('ENGINE_FAILED', 'llama crashed and is started again soon', {
        retryAfterMs: Math.ceil(wait),
      })
    }
    const components = { child: this.#fork(), clock: this.#clock, onEnd: (livedMs: number) => this.#onEnd(livedMs) }
    return new LlamaProcess(components, this.#settings)
  }

  #onEnd(livedMs: number): void {
    this.#process = undefined
    this.#crashes = livedMs > STEADY_MS ? 1 : this.#crashes + 1
    this.#notBefore = this.#clock.monotonic() + restartPauseMs(this.#crashes)
  }
}

/** The sources run through tsx, the build as it is. */
function forkChild(): LlamaChildProcess {
  const fromSources = import.meta.url.endsWith('.ts')
  const file = fileURLToPath(new URL(fromSources ? './child.ts' : './child.js', import.meta.url))
  return fork(file, [], {
    execArgv: fromSources ? ['--import', 'tsx'] : [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
