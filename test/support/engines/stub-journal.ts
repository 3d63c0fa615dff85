/** What happened to a stub engine, in order; tests await entries instead of sleeping. */

export type StubEvent = 'upload' | 'start' | 'end' | 'cancel' | 'fail' | 'interrupt' | 'load' | 'refuse'

export interface JournalEntry {
  /** Wall clock, milliseconds. */
  readonly at: number
  readonly event: StubEvent
  /** Number of the query at this stub, from 1. */
  readonly query: number
  readonly path?: string
  readonly model?: string
  /** Tokens sent so far. */
  readonly sent?: number
  /** The start of the answer that the stub was given. */
  readonly prefill?: string
  /** The request as it was parsed. */
  readonly body?: unknown
}

export class StubJournal {
  readonly entries: JournalEntry[] = []
  #waiting: { test: (entry: JournalEntry) => boolean; resolve: (entry: JournalEntry) => void }[] = []

  write(entry: Omit<JournalEntry, 'at'>): void {
    const dated = { at: Date.now(), ...entry }
    this.entries.push(dated)
    const matched = this.#waiting.filter(({ test }) => test(dated))
    this.#waiting = this.#waiting.filter((each) => !matched.includes(each))
    for (const { resolve } of matched) resolve(dated)
  }

  /** The first entry of this kind, from the past or to come. */
  waitFor(event: StubEvent, test: (entry: JournalEntry) => boolean = () => true): Promise<JournalEntry> {
    const matches = (entry: JournalEntry): boolean => entry.event === event && test(entry)
    const past = this.entries.find(matches)
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve) => {
      this.#waiting.push({ test: matches, resolve })
    })
  }

  count(event: StubEvent): number {
    return this.entries.filter((entry) => entry.event === event).length
  }
}
