/** The vectors of a query, in the order of its inputs. */
import type { EndEvent, QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Gathering } from '../answer/whole-answer.ts'

export class GatheredVectors implements Gathering {
  readonly #vectors: (Float32Array | undefined)[]
  readonly #dimensions: number | undefined
  /** The exact model, where a worker named it. */
  model: string | undefined
  end: EndEvent | undefined

  /** `count`: how many inputs there are; `dimensions`: numbers of each vector, where the client wants so many. */
  constructor(count: number, dimensions: number | undefined) {
    this.#dimensions = dimensions
    this.#vectors = new Array<undefined>(count).fill(undefined)
  }

  /** Throws `ENGINE_GARBAGE` when one is missing, `CAPABILITY_MISSING` when one is of another length. */
  get all(): readonly Float32Array[] {
    return this.#vectors.map((vector, index) => {
      if (vector === undefined) throw new RealmeshError('ENGINE_GARBAGE', `the engine left out vector ${index}`)
      if (this.#dimensions !== undefined && vector.length !== this.#dimensions) throw this.#otherLength(vector)
      return vector
    })
  }

  add(event: QueryEvent): void {
    if (event.kind === 'embedding' && event.index in this.#vectors) this.#vectors[event.index] = event.vector
    else if (event.kind === 'end') this.end = event
    else if (event.kind === 'start') this.model = event.model
  }

  /** Whatever the node said that made them: a store for other vectors would break later. */
  #otherLength({ length }: Float32Array): RealmeshError {
    const what = `the model makes vectors of ${length} numbers, not of ${this.#dimensions} (dimensions)`
    return new RealmeshError('CAPABILITY_MISSING', what, { fix: `leave dimensions out, or ask for ${length}` })
  }
}
