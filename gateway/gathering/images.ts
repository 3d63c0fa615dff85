/** The pictures of one query. */
import type { ImageEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Gathering } from '../answer/whole-answer.ts'

export class GatheredImages implements Gathering {
  readonly #images: ImageEvent[] = []

  add(event: QueryEvent): void {
    if (event.kind === 'image') this.#images.push(event)
  }

  /** In their order. Throws `ENGINE_GARBAGE` when there is none. */
  get all(): readonly ImageEvent[] {
    if (this.#images.length === 0) throw new RealmeshError('ENGINE_GARBAGE', 'the engine drew no picture')
    return this.#images.toSorted((a, b) => a.index - b.index)
  }
}
