/** Responses that one connection may go on with though nobody keeps them: with `store: false` they end with it. */
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { EarlierResponses } from '../kept/earlier-items.ts'
import type { ResponseRecord } from '../kept/response-record.ts'

/** Of one connection; the oldest go: agents begin anew, or compact, long before. */
export const MAX_SOCKET_RESPONSES = 64

/** UTF-16 units of them together. */
export const MAX_SOCKET_TEXT = 4 * 1024 * 1024

interface Remembered {
  readonly record: ResponseRecord
  readonly length: number
}

export class SocketMemory implements EarlierResponses {
  readonly #kept: EarlierResponses
  readonly #own = new Map<string, Remembered>()
  #length = 0

  /** `kept`: those that outlive the connection. */
  constructor(kept: EarlierResponses) {
    this.#kept = kept
  }

  async find(user: string, id: string): Promise<{ readonly record: ResponseRecord } | undefined> {
    return this.#own.get(id) ?? (await this.#kept.find(user, id))
  }

  remember(record: ResponseRecord): void {
    const { length } = record.toText()
    if (!record.fits || length > MAX_SOCKET_TEXT) return
    this.forget(record.id)
    this.#own.set(record.id, { record, length })
    this.#length += length
    for (const oldest of this.#own.keys()) {
      if (this.#own.size <= MAX_SOCKET_RESPONSES && this.#length <= MAX_SOCKET_TEXT) return
      this.forget(oldest)
    }
  }

  /** A turn behind it failed: nothing can be said of where the conversation stands. */
  forget(id: string): void {
    this.#length -= this.#own.get(id)?.length ?? 0
    this.#own.delete(id)
  }
}

/** For a client that sends faster than it is answered. */
export function tooManyTurns(): RealmeshError {
  return new RealmeshError('REALM_OVERLOADED', 'too many responses wait on this connection', {
    fix: 'wait for the one that runs, or open another connection',
  })
}
