/**
 * A round of tries of one query: up to three places, asked one after the other, and what their failures mean for the
 * next.
 */
import type { RealmeshError } from '../../core/realmesh-error.ts'
import { blamesRequest } from '../../routing/learning/blame.ts'
import { isForeign, type Place } from './places.ts'

/** Places that are asked before a query waits or is refused. */
export const MAX_TRIES = 3

/** A place that said that the request itself is wrong. */
interface RefusedAt {
  readonly place: Place
  readonly error: RealmeshError
}

export class Round {
  tries = 0
  /** Nodes that have no room now, and may have it in the next round. */
  readonly refused = new Set<string>()
  readonly #avoid: Set<string>
  readonly #refusals: RefusedAt[]
  #last: RealmeshError | undefined
  #full: RealmeshError | undefined

  /** `avoid`: nodes that are not asked again for this query. `before`: the round before, whose refusals still count. */
  constructor(avoid: Set<string>, before?: Round) {
    this.#avoid = avoid
    this.#refusals = before === undefined ? [] : before.#refusals
  }

  /** A place failed before it sent anything. A full one can be asked again later, a broken one is avoided. */
  failed(place: Place, error: RealmeshError): void {
    this.tries += 1
    if (error.code === 'REALM_OVERLOADED') {
      this.#last = error
      this.#full = error
      this.refused.add(place.node)
      return
    }
    this.#avoid.add(place.node)
    if (blamesRequest(error.code)) this.#refusals.push({ place, error })
    else this.#last = error
  }

  /** The largest window that a place refused as too small: the next must have more, or not say. 0: none was. */
  get outgrown(): number {
    const windows = this.#refusals.map(({ place, error }) => (isTooLong(error) ? (place.contextLength ?? 0) : 0))
    return Math.max(0, ...windows)
  }

  /**
   * What ends the query although places are left: two owners say the same of the request. One alone may lie, or have an
   * odd engine; and a window that is too small says nothing of another.
   */
  get agreed(): RealmeshError | undefined {
    return this.#refusals.find(({ place, error }) =>
      this.#refusals.some(
        (other) => other.place.owner !== place.owner && other.error.code === error.code && !isTooLong(error),
      ),
    )?.error
  }

  /**
   * Why no place served it. What nodes of our own say of the request is true; after it a refusal for load, since a full
   * node will have room again; then the last failure, and the first refusal of another
   * owner.
   */
  get verdict(): RealmeshError | undefined {
    const own = this.#refusals.find(({ place, error }) => !isForeign(place.relation) && !isTooLong(error))
    return own?.error ?? this.#full ?? this.#last ?? this.#refusals[0]?.error
  }

  /** The places whose refusal is not true, since this one served the query. */
  contradictedBy(served: Place): readonly Place[] {
    const { contextLength: window = Number.POSITIVE_INFINITY } = served
    return this.#refusals
      .filter(({ place, error }) => !isTooLong(error) || (place.contextLength ?? Number.POSITIVE_INFINITY) >= window)
      .map(({ place }) => place)
  }
}

function isTooLong({ code }: RealmeshError): boolean {
  return code === 'CONTEXT_TOO_LONG'
}
