/** A run of an engine as the worker sees it: `start` first, then the engine's own events, unchanged, while the clock is kept beside them. */

import { type EndEvent, isContent, type QueryEvent, type StartEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { tappedRun } from '../../core/run/tapped-run.ts'

/** What was seen of a run that reached its end. */
export interface RunSeen {
  /** Milliseconds to the first event with content; to the end when there was none. */
  readonly firstMs: number
  readonly totalMs: number
  readonly images: number
  readonly end: EndEvent
}

/** How the run was left: at its end, by an error, or by whoever read it. Told exactly once, of every run that was begun. */
export type RunClosing =
  | { readonly kind: 'served'; readonly seen: RunSeen }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'left' }

export interface ObservedRunInit {
  readonly start: StartEvent
  /** Begins the engine's run; called at the first pull. */
  readonly begin: () => AsyncIterable<QueryEvent>
  readonly onClosed: (closing: RunClosing) => void
}

export function observedRun({ clock }: { readonly clock: Clock }, init: ObservedRunInit): AsyncGenerator<QueryEvent> {
  let begunAt = 0
  let firstAt: number | undefined
  let images = 0
  let closing: RunClosing | undefined
  /** Readers leave once they have the end: it is told at once, not when they ask for more. */
  const close = (how: RunClosing): void => {
    if (closing !== undefined) return
    closing = how
    init.onClosed(how)
  }
  const served = (end: EndEvent): RunSeen => {
    const now = clock.monotonic()
    return { firstMs: (firstAt ?? now) - begunAt, totalMs: now - begunAt, images, end }
  }
  const begin = (): AsyncIterable<QueryEvent> => {
    begunAt = clock.monotonic()
    return init.begin()
  }
  return tappedRun(begin, {
    first: init.start,
    onEvent: (event) => {
      if (event.kind === 'end') close({ kind: 'served', seen: served(event) })
      else if (firstAt === undefined && isContent(event)) firstAt = clock.monotonic()
      if (event.kind === 'image') images += 1
      return event
    },
    onDone: () => {
      if (closing !== undefined) return
      const error = new RealmeshError('ENGINE_GARBAGE', 'the engine stopped without an end')
      close({ kind: 'failed', error })
      throw error
    },
    onError: (error) => {
      close({ kind: 'failed', error })
      throw error
    },
    onClosed: () => close({ kind: 'left' }),
  })
}
