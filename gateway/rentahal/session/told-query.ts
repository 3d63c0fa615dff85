/** What a client that asked for more than the original is told of a query while it runs. */
import { defined } from '../../../core/defined.ts'
import type { QueryEvent, StartEvent } from '../../../core/query/query-event.ts'
import { toRealmeshError } from '../../../core/realmesh-error.ts'
import type { Feature } from '../messages/received.ts'
import type { Session } from './session-parts.ts'

export class ToldQuery {
  readonly #session: Pick<Session, 'features' | 'say'>
  readonly #ref: string | undefined
  #id: string | undefined
  #start: StartEvent | undefined

  /** `ref`: the client's own name for it. */
  constructor(session: Pick<Session, 'features' | 'say'>, ref: string | undefined) {
    this.#session = session
    this.#ref = ref
  }

  /** `streams`: texts are the answer's own. */
  saw(id: string, event: QueryEvent, streams: boolean): void {
    if (this.#session.features.size === 0) return
    if (this.#id === undefined) this.#accepted(id)
    if (event.kind === 'start') this.#start = event
    if (event.kind === 'text' && streams) this.#say('text', 'query_text', { text: event.text })
    else if (event.kind === 'queued') {
      const { position, estimatedWaitMs } = event
      this.#say('progress', 'query_progress', { position, estimated_wait: estimatedWaitMs / 1_000 })
    } else if (event.kind === 'progress') {
      const { fraction, note, preview } = event
      const picture = preview && {
        preview: Buffer.from(preview.data).toString('base64'),
        preview_type: preview.mediaType,
      }
      this.#say('progress', 'query_progress', { fraction, ...defined({ note }), ...picture })
    } else if (event.kind === 'end' && event.receipt !== undefined) {
      this.#say('receipts', 'query_receipt', { receipt: event.receipt })
    }
  }

  /** What stands beside the result; nothing for clients of the original. */
  get facts(): object {
    if (!this.#session.features.has('ids')) return {}
    return { ...this.#names, ...defined({ model: this.#start?.model, node: this.#start?.node }) }
  }

  /** What stands beside an error, likewise. */
  failure(thrown: unknown): object {
    return this.#session.features.has('ids') ? { ...this.#names, code: toRealmeshError(thrown).code } : {}
  }

  get #names(): object {
    return defined({ query_id: this.#id, ref: this.#ref })
  }

  #accepted(id: string): void {
    this.#id = id
    this.#say('ids', 'query_accepted', {})
  }

  #say(feature: Feature, type: string, more: object): void {
    if (this.#session.features.has(feature)) this.#session.say({ type, ...this.#names, ...more })
  }
}
