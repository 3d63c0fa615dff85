/**
 * The one checker that ends every fault scenario. It compares what clients saw, what engines did and what receipts say:
 * each accepted query ended exactly once, with its whole answer or with one error of a stable code; no engine did its
 * work twice unless the receipt says that it was tried again; no text is anything but the answer of one unbroken
 * engine, or its beginning.
 */
import assert from 'node:assert/strict'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { HTTP_ERRORS } from '../../gateway/request/errors.ts'
import type { ClientJournal, JournaledQuery } from './client-journal.ts'
import { eventually } from './daemon.ts'
import type { JournalEntry, StubEvent, StubJournal } from './engines/stub-journal.ts'

export interface Journals {
  readonly clients: ClientJournal
  readonly engines: readonly StubJournal[]
  /** The receipt of a query; undefined where there is none. */
  readonly receipt: (id: string) => Promise<RouteReceipt | undefined>
}

/** What the checker counted, for the scenario's own figures. */
export interface JournalSummary {
  readonly endings: Readonly<Record<string, number>>
  /** Runs at engines. */
  readonly runs: number
  readonly continued: number
  readonly hedged: number
  /** By mark. */
  readonly receipts: ReadonlyMap<string, RouteReceipt>
}

/** Everything a client may be told; other words are not ours. */
const STABLE_CODES = new Set(Object.values(HTTP_ERRORS).map(({ code }) => code))

const ENDS: ReadonlySet<StubEvent> = new Set(['end', 'cancel', 'fail', 'refuse'])

/**
 * Waits until every engine's run is over, then asserts all that must hold. Throws with the whole list of violations.
 */
export async function checkJournals({ clients, engines, receipt }: Journals): Promise<JournalSummary> {
  await eventually('every run at an engine is over', () => engines.every(allRunsOver))
  const runsByMark = runsOf(engines)
  const violations: string[] = []
  const receipts = new Map<string, RouteReceipt>()
  for (const query of clients.queries.values()) {
    const found = query.id === undefined ? undefined : await receipt(query.id)
    if (found !== undefined) receipts.set(query.mark, found)
    const runs = runsByMark.get(query.mark) ?? []
    for (const violation of [...endingViolations(query, found), ...runViolations(query, runs, found)]) {
      violations.push(`${query.mark} (${query.id}): ${violation}`)
    }
    runsByMark.delete(query.mark)
  }
  for (const mark of runsByMark.keys()) violations.push(`an engine ran what nobody asked: ${mark}`)
  assert.deepEqual(violations, [])
  const all = [...receipts.values()]
  return {
    endings: clients.counts(),
    runs: engines.reduce((sum, journal) => sum + journal.count('start'), 0),
    continued: all.filter((each) => each.continued).length,
    hedged: all.filter((each) => each.hedged).length,
    receipts,
  }
}

function endingViolations(
  { id, readers, endings, expected }: JournaledQuery,
  receipt: RouteReceipt | undefined,
): string[] {
  const violations: string[] = []
  if (endings.length !== readers) violations.push(`${readers} submitted it and it ended ${endings.length} times`)
  for (const { kind, text } of endings) {
    const whole = kind === 'done'
    if (!whole && kind !== 'left' && !STABLE_CODES.has(kind)) violations.push(`it ended with "${kind}"`)
    if (whole ? text !== expected : !expected.startsWith(text))
      violations.push(`its text is "${text}" for "${expected}"`)
    if (whole && receipt === undefined) violations.push('there is no receipt')
    if (whole && receipt?.outcome !== 'served') violations.push(`its receipt says ${receipt?.outcome}`)
  }
  if (endings.some(({ kind }) => kind === 'done') && id === undefined) violations.push('it was served without an id')
  return violations
}

/** The work of one query at one engine, from its start to its end. */
interface Run {
  readonly journal: StubJournal
  readonly start: JournalEntry
  readonly end: JournalEntry | undefined
}

function runViolations(
  { expected }: JournaledQuery,
  runs: readonly Run[],
  receipt: RouteReceipt | undefined,
): string[] {
  const violations: string[] = []
  const said = receipt?.attempts.length ?? 1
  if (runs.length > Math.max(1, said)) violations.push(`${runs.length} runs, and the receipt tells of ${said}`)
  const whole = runs.filter(({ end }) => end?.event === 'end').length
  if (whole > 1 && said < whole) violations.push(`its effect happened ${whole} times`)
  for (const { start } of runs) {
    const prefill = start.prefill ?? ''
    if (!expected.startsWith(prefill)) violations.push(`an engine was to go on from "${prefill}"`)
    if (prefill !== '' && receipt?.continued !== true)
      violations.push('it was continued, and the receipt does not say so')
  }
  return violations
}

function allRunsOver({ entries }: StubJournal): boolean {
  const open = new Set<number>()
  for (const { event, query } of entries) {
    if (event === 'start') open.add(query)
    else if (ENDS.has(event)) open.delete(query)
  }
  return open.size === 0
}

function runsOf(engines: readonly StubJournal[]): Map<string, Run[]> {
  const runs = new Map<string, Run[]>()
  for (const journal of engines) {
    for (const start of journal.entries.filter(({ event }) => event === 'start')) {
      const mark = markOf(start)
      const end = journal.entries.find(({ event, query }) => query === start.query && ENDS.has(event))
      runs.set(mark, [...(runs.get(mark) ?? []), { journal, start, end }])
    }
  }
  return runs
}

/** The first message's text: every query of a scenario has a mark of its own there. */
export function markOf({ body }: JournalEntry): string {
  const { messages = [] } = (body ?? {}) as { messages?: readonly { content?: unknown }[] }
  return String(messages[0]?.content)
}
