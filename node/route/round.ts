/** A round of tries of one query: up to three places, asked one after the other, and what their failures mean for the next. */
import type { RealmeshError } from '../../core/realmesh-error.ts'

/** Places that are asked before a query waits or is refused. */
export const MAX_TRIES = 3

export class Round {
  tries = 0
  /** Nodes that have no room now, and may have it in the next round. */
  readonly refused = new Set<string>()
  readonly #avoid: Set<string>
  #last: RealmeshError | undefined
  #full: RealmeshError | undefined

  /** `avoid`: nodes that are not asked again for this query. */
  constructor(avoid: Set<string>) {
    this.#avoid = avoid
  }

  /** A place failed before it sent anything. A full one can be asked again later, a broken one is avoided. */
  failed(node: string, error: RealmeshError): void {
    this.tries += 1
    this.#last = error
    if (error.code === 'REALM_OVERLOADED') {
      this.#full = error
      this.refused.add(node)
    } else this.#avoid.add(node)
  }

  /** A refusal for load if there was one, since a full node will have room again, whatever befell the others; else the last failure. */
  get verdict(): RealmeshError | undefined {
    return this.#full ?? this.#last
  }
}

/** Errors that no other place would cure: the request itself is wrong. */
export function isFinal(error: RealmeshError): boolean {
  return !error.retryable && error.code !== 'MODEL_NOT_FOUND' && error.code !== 'CAPABILITY_MISSING'
}
