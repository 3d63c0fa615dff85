/**
 * Whether the job that an Automatic1111 runs is ours, how far it is, and how it is stopped without hitting a job of
 * others.
 */

import { randomBytes } from 'node:crypto'
import { defined } from '../../core/defined.ts'
import type { ProgressEvent } from '../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { HttpClient } from '../http/http-client.ts'
import { asNumber, asObject, asString } from '../http/json-shape.ts'
import { pollPause } from '../http/poll-pause.ts'
import { engineImageFromBase64 } from './image-bytes.ts'

/** A job of ours that was given up but waits behind others is watched this long, to be stopped when its turn comes. */
const WATCH_MS = 10 * 60_000

/** What a page that an engine does not have is refused with. */
const NO_SUCH_PAGE: ReadonlySet<ErrorCode> = new Set(['CAPABILITY_MISSING', 'BAD_REQUEST'])

/** Largest preview that is passed on. */
const MAX_PREVIEW_CHARACTERS = 512 * 1024

export interface A1111Task {
  /** The name that we gave the job. */
  readonly id: string
  /** Whether the engine had nothing to do when the job was sent. */
  readonly idleBefore: boolean
}

export interface A1111Look {
  /** `unknown`: something runs, and an old engine does not say whose it is. */
  readonly state: 'running' | 'waiting' | 'gone' | 'unknown'
  /** 0 to 1. */
  readonly fraction: number
  readonly preview?: ProgressEvent['preview']
}

/** What is used of the client. */
type A1111Http = Pick<HttpClient, 'engine' | 'json' | 'bytes'>

export class A1111Progress {
  readonly #http: A1111Http
  readonly #pollMs: number
  readonly #closing = new AbortController()

  constructor(components: { readonly http: A1111Http }, init: { readonly pollMs: number }) {
    this.#http = components.http
    this.#pollMs = init.pollMs
  }

  /**
   * Names a job. The engine's own pattern is `task(…)`. Ours alone: a peer may give its query the id of another, and
   * then leave it.
   */
  async begin(signal: CancelSignal): Promise<A1111Task> {
    return { id: `task(rm${randomBytes(16).toString('hex')})`, idleBefore: (await this.jobCount(signal)) === 0 }
  }

  /** Jobs in the running batch; 0 when nothing runs. */
  async jobCount(signal: CancelSignal): Promise<number> {
    const page = asObject(await this.#http.json({ path: '/sdapi/v1/progress?skip_current_image=true' }, { signal }))
    return asNumber(asObject(page?.['state'])?.['job_count']) ?? 0
  }

  async look(task: A1111Task, signal: CancelSignal): Promise<A1111Look> {
    try {
      return await this.#lookByName(task, signal)
    } catch (error) {
      // Versions before 1.6 have no page that knows jobs by name, and neither has an engine started without its web
      // page.
      if (error instanceof RealmeshError && NO_SUCH_PAGE.has(error.code)) return this.#lookByGuess(task, signal)
      throw error
    }
  }

  /**
   * Stops the job if and when it is the running one. Returns at once; what goes wrong changes nothing for anyone who
   * still waits.
   */
  stop(task: A1111Task): void {
    this.#stopWhenOurs(task).catch(() => {
      // The engine is gone, and the job with it.
    })
  }

  close(): void {
    this.#closing.abort()
  }

  async #stopWhenOurs(task: A1111Task): Promise<void> {
    const { signal } = this.#closing
    for (const end = performance.now() + WATCH_MS; performance.now() < end && !signal.aborted; ) {
      const { state } = await this.look(task, signal)
      if (state === 'running') {
        await this.#http.bytes({ path: '/sdapi/v1/interrupt', json: {} }, { signal })
        return
      }
      if (state !== 'waiting') return
      await pollPause(this.#pollMs, signal)
    }
  }

  async #lookByName(task: A1111Task, signal: CancelSignal): Promise<A1111Look> {
    const json = { id_task: task.id, id_live_preview: -1, live_preview: true }
    const page = asObject(await this.#http.json({ path: '/internal/progress', json }, { signal }))
    const state = page?.['active'] === true ? 'running' : page?.['queued'] === true ? 'waiting' : 'gone'
    return {
      state,
      fraction: clamp(asNumber(page?.['progress']) ?? 0),
      ...defined({ preview: this.#preview(asString(page?.['live_preview'])) }),
    }
  }

  #preview(base64: string | undefined): ProgressEvent['preview'] | undefined {
    if (base64 === undefined || base64.length > MAX_PREVIEW_CHARACTERS) return undefined
    return engineImageFromBase64(this.#http.engine, base64)
  }

  /**
   * If nothing ran when the job was sent, what runs now is most surely ours; otherwise it may be another's, and it is
   * left alone.
   */
  async #lookByGuess(task: A1111Task, signal: CancelSignal): Promise<A1111Look> {
    const page = asObject(await this.#http.json({ path: '/sdapi/v1/progress?skip_current_image=true' }, { signal }))
    const runs = (asNumber(asObject(page?.['state'])?.['job_count']) ?? 0) > 0
    if (!runs) return { state: 'gone', fraction: 0 }
    return { state: task.idleBefore ? 'running' : 'unknown', fraction: clamp(asNumber(page?.['progress']) ?? 0) }
  }
}

function clamp(fraction: number): number {
  return Math.min(1, Math.max(0, fraction))
}
