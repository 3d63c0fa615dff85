/** How long it may take until an answer begins, and what it waits for: as a header, a comment, or an event. */
import { defined } from '../../core/defined.ts'
import type { ProgressEvent, QueryEvent, QueuedEvent } from '../../core/query/query-event.ts'
import type { Clock } from '../../core/run/clock.ts'

/** A place in a queue, or how far the work has come: a model that is loaded, a picture that is drawn. */
export type WaitEvent = QueuedEvent | ProgressEvent

/** The header that tells it, and what a comment of it begins with. */
export const QUEUE_HEADER = 'x-realmesh-queue'

/** Characters of a note in a header: it may be a peer's text. */
const MAX_NOTE_LENGTH = 100

/** Whether the event tells of a wait. */
export function isWait(event: QueryEvent): event is WaitEvent {
  return event.kind === 'queued' || event.kind === 'progress'
}

/** As a dictionary of RFC 9651: `position=3, estimated-wait-ms=60000`, or `progress=0.42, note="…"`. */
export function waitText(event: WaitEvent): string {
  if (event.kind === 'queued') {
    return `position=${event.position}, estimated-wait-ms=${Math.round(event.estimatedWaitMs)}`
  }
  const note = plain(event.note ?? '')
  return `progress=${hundredths(event.fraction)}${note === '' ? '' : `, note="${note}"`}`
}

/** The same as fields of JSON. */
export function waitFields(event: WaitEvent): object {
  return event.kind === 'queued'
    ? { position: event.position, estimated_wait_ms: Math.round(event.estimatedWaitMs) }
    : defined({ progress: hundredths(event.fraction), note: event.note })
}

/** The wait of one answer, as it was told. */
export class AnswerWait {
  readonly #clock: Pick<Clock, 'monotonic'>
  #told: string | undefined
  #queuedAt: number | undefined
  #waitedMs = 0

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  /** Takes a word of the wait. Returns its text, or undefined where it says what the last one said. */
  saw(event: WaitEvent): string | undefined {
    if (event.kind === 'queued') this.#queuedAt ??= this.#clock.monotonic()
    const text = waitText(event)
    if (text === this.#told) return undefined
    this.#told = text
    return text
  }

  /** It stands in no queue any more. */
  started(): void {
    this.#told = undefined
    if (this.#queuedAt !== undefined) this.#waitedMs += this.#clock.monotonic() - this.#queuedAt
    this.#queuedAt = undefined
  }

  /** The answer begins. */
  over(): void {
    this.#told = undefined
  }

  /** The wait as it stands; behind one `waited-ms=…`; undefined where there was none. */
  get header(): string | undefined {
    return this.#told ?? (this.#waitedMs > 0 ? `waited-ms=${Math.round(this.#waitedMs)}` : undefined)
  }
}

function hundredths(fraction: number): number {
  return Math.round(fraction * 100) / 100
}

/** What may stand between the quotes of a header. */
function plain(note: string): string {
  return note
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/["\\]/g, "'")
    .slice(0, MAX_NOTE_LENGTH)
}
