import type { Model } from '../../core/model/model.ts'
import type { Query } from '../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import type { CancelMode, Engine, EngineLoad } from '../../engines/adapter/engine.ts'

const PLAIN = { vision: false, tools: false, reasoning: false, structured: false, prefill: true }

/** A chat model with everything filled in; tests override what they are about. */
export function fakeModel(name: string, overrides: Partial<Model> = {}): Model {
  return { name, types: ['chat'], capabilities: PLAIN, ...overrides }
}

/** One run of a fake engine, moved by the test: events are pushed, then it is ended or failed. */
export class FakeRun {
  readonly query: Query
  readonly signal: CancelSignal
  readonly #queue: (QueryEvent | Error)[] = []
  #wake = (): void => {}

  constructor(query: Query, signal: CancelSignal) {
    this.query = query
    this.signal = signal
    signal.addEventListener('abort', () => this.#wake(), { once: true })
  }

  text(text: string): this {
    return this.#push({ kind: 'text', text })
  }

  push(event: QueryEvent): this {
    return this.#push(event)
  }

  end(overrides: Partial<EndEvent> = {}): this {
    return this.#push({ kind: 'end', finishReason: 'stop', ...overrides })
  }

  fail(error: Error): this {
    return this.#push(error)
  }

  async *events(): AsyncGenerator<QueryEvent> {
    for (;;) {
      this.signal.throwIfAborted()
      const next = this.#queue.shift()
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      if (next instanceof Error) throw next
      yield next
      if (next.kind === 'end') return
    }
  }

  #push(item: QueryEvent | Error): this {
    this.#queue.push(item)
    this.#wake()
    return this
  }
}

/** An engine without hardware: what it offers, how it fares and what its runs yield is set by the test. */
export class FakeEngine implements Engine {
  readonly kind: string
  readonly url: string
  readonly cancelMode: CancelMode = 'disconnect'
  readonly defaultSlots: number
  readonly cloud: boolean
  offered: readonly Model[]
  /** What it says of its load; undefined fails the question. */
  loadReport: EngineLoad | undefined = {}
  /** What a probe throws; undefined answers. `never` leaves it open until its signal aborts. */
  trouble: Error | 'never' | undefined
  /** What a run begins with, before the test moves it on: by default nothing. */
  script: (run: FakeRun) => void = () => {}
  probes = 0
  closed = false
  readonly runs: FakeRun[] = []

  constructor(init: { kind?: string; url?: string; slots?: number; cloud?: boolean; models?: readonly Model[] } = {}) {
    this.kind = init.kind ?? 'fake'
    this.url = init.url ?? 'http://127.0.0.1:1'
    this.defaultSlots = init.slots ?? 1
    this.cloud = init.cloud ?? false
    this.offered = init.models ?? [fakeModel('tiny')]
  }

  async models(_options?: unknown): Promise<readonly Model[]> {
    return this.offered
  }

  async load(): Promise<EngineLoad> {
    if (this.loadReport === undefined) throw new Error('no load')
    return this.loadReport
  }

  async probe({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    this.probes += 1
    if (this.trouble === 'never') {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    }
    if (this.trouble instanceof Error) throw this.trouble
  }

  run(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const run = new FakeRun(query, signal)
    this.runs.push(run)
    this.script(run)
    return run.events()
  }

  async close(): Promise<void> {
    this.closed = true
  }
}
