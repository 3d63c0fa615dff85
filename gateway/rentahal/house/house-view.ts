/**
 * The node as the sockets see it: its workers, its models and how much is to do. A thousand sockets ask at once: what
 * takes a look at every worker and peer is looked at a few times a second, and what each socket adds is counted.
 */
import { sameModel } from '../../../core/model/model-name.ts'
import type { QueryType } from '../../../core/query/query.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { ListedModel, NodeApi, NodeStatus } from '../../../node/api/node-api.ts'
import type { Told } from '../realm-connection-manager.ts'
import { type ModelRow, modelRows, type NamedWorker, type WorkerRow, workerRows } from './worker-rows.ts'

/** How old what is told of the node may be: half of what a person notices. */
export const LOOKED_FOR_MS = 250

export interface HouseViewComponents {
  readonly node: Pick<NodeApi, 'status' | 'peers' | 'models'>
  readonly clock: Pick<Clock, 'monotonic' | 'wall'>
}

interface Look {
  readonly at: number
  readonly status: NodeStatus
  readonly workers: readonly NamedWorker[]
  readonly models: readonly ListedModel[]
  /** Queries that came by other doors. */
  readonly others: number
  /** Workers here, and peers that serve this node. */
  readonly total: number
}

export class HouseView {
  readonly #to: HouseViewComponents
  #look: Look | undefined
  /** Queries of the sockets that have not ended. */
  #own = 0

  constructor(components: HouseViewComponents) {
    this.#to = components
  }

  /** A query of a socket began. */
  begun(): void {
    this.#own += 1
  }

  /** It ended. */
  ended(): void {
    this.#own -= 1
  }

  /** What waits and what runs for users of this node; and how many workers there are, its own and peers'. */
  get queue(): Told & { readonly depth: number; readonly total: number } {
    const { others, total } = this.#now()
    return { type: 'queue_update', depth: this.#own + others, total }
  }

  get workers(): readonly WorkerRow[] {
    return this.#now().workers.map(({ row }) => row)
  }

  get models(): readonly ModelRow[] {
    return modelRows(this.#now().models)
  }

  /** The realm where queries of the type begin; undefined where none is for them. */
  realmFor(type: string): string | undefined {
    return this.#now().status.realms.find(({ primaryQueryType }) => primaryQueryType === type)?.name
  }

  /**
   * The model that a name stands for: a model's own, or that of a worker in the list. Undefined: no such thing does
   * queries of the type.
   */
  modelNamed(name: string, type: QueryType): string | undefined {
    if (name === '') return undefined
    const { models, workers } = this.#now()
    const called = workers.find(({ row }) => row.name === name && row.type === type)?.model || name
    return models.find(({ model }) => model.types.includes(type) && sameModel(model.name, called))?.model.name
  }

  /** Looks anew at once: the operator has just changed something. */
  changed(): void {
    this.#look = undefined
  }

  #now(): Look {
    const { node, clock } = this.#to
    const at = clock.monotonic()
    if (this.#look !== undefined && at - this.#look.at < LOOKED_FOR_MS) return this.#look
    const [status, peers, models] = [node.status(), node.peers(), node.models()]
    const workers = workerRows({ workers: status.workers, peers, models, at: clock.wall() })
    const others = Math.max(0, status.queries.running - this.#own)
    const total = status.workers.length + peers.filter(({ connected }) => connected).length
    this.#look = { at, status, workers, models, others, total }
    return this.#look
  }
}
