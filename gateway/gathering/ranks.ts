/** The scores of a query's documents, best first. */
import type { EndEvent, QueryEvent, RankedEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Gathering } from '../answer/whole-answer.ts'

export class GatheredRanks implements Gathering {
  readonly #ranked = new Map<number, RankedEvent>()
  readonly #documents: number
  readonly #wanted: number
  /** The exact model, where a worker named it. */
  model: string | undefined
  end: EndEvent | undefined

  /** `documents`: how many there are; `wanted`: of how many the scores are to be told. */
  constructor(documents: number, wanted: number) {
    this.#documents = documents
    this.#wanted = Math.min(documents, wanted)
  }

  /** Throws `ENGINE_GARBAGE` when there are others than were asked for. */
  get all(): readonly RankedEvent[] {
    if (this.#ranked.size < this.#wanted) {
      throw new RealmeshError('ENGINE_GARBAGE', `the engine ranked ${this.#ranked.size} of ${this.#wanted} documents`)
    }
    const ranked = [...this.#ranked.values()]
    return ranked.toSorted((a, b) => b.score - a.score || a.index - b.index).slice(0, this.#wanted)
  }

  add(event: QueryEvent): void {
    if (event.kind === 'ranked' && event.index < this.#documents) this.#ranked.set(event.index, event)
    else if (event.kind === 'end') this.end = event
    else if (event.kind === 'start') this.model = event.model
  }
}
