/**
 * A realm's view of the hosts of other federations: own queries go there where nothing here and no peer can serve them,
 * and only where their scope reaches the host. They count among no workers and are offered to nobody.
 */
import type { Model } from '../../core/model/model.ts'
import type { Query, QueryType } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { type Relation, scopeReaches } from '../../core/scope.ts'
import { type ModelRules, modelAllowed } from '../owner/model-rules.ts'
import type { Worker } from '../worker/worker.ts'
import { matchModel } from './model-match.ts'
import { needsOf } from './query-needs.ts'
import { type Candidate, candidateOf } from './realm-candidates.ts'
import { leased, type WorkerLease } from './worker-lease.ts'
import type { WorkerPool } from './worker-pool.ts'
import { selectWorker } from './worker-selection.ts'

export interface RealmHostsInit {
  readonly realm: string
  /** Types of query that the realm serves. */
  readonly queryTypes: readonly QueryType[]
  /** Peer id of this node. */
  readonly node: string
  readonly models?: ModelRules
}

export class RealmHosts {
  readonly #pool: WorkerPool
  readonly #init: RealmHostsInit

  constructor({ pool }: { readonly pool: WorkerPool }, init: RealmHostsInit) {
    this.#pool = pool
    this.#init = init
  }

  /** The model that a host would be asked for; undefined where none takes the query now. */
  modelFor(query: Query, exclude: ReadonlySet<string>): string | undefined {
    return this.#free(query, exclude)?.model.name
  }

  /** A slot of the healthiest host that takes the query now. Throws `NO_WORKER`: nobody waits for a host. */
  reserve(query: Query, exclude: ReadonlySet<string>): WorkerLease {
    const chosen = this.#free(query, exclude)
    if (chosen === undefined) {
      throw new RealmeshError('NO_WORKER', `no host of another federation takes the query for ${this.#init.realm} now`)
    }
    return leased(chosen, { node: this.#init.node, turn: this.#pool.nextTurn(), priority: query.priority })
  }

  /** The models of the hosts that answer, and what each host is to this node. */
  models(): readonly { readonly model: Model; readonly host: Relation }[] {
    return this.#members().flatMap((worker) => {
      const { settings, models } = worker
      const { host } = settings
      if (host === undefined || worker.refusal('own') !== undefined) return []
      return models.all.filter((model) => this.#allows(model)).map((model) => ({ model, host }))
    })
  }

  #free(query: Query, exclude: ReadonlySet<string>): Candidate | undefined {
    const needs = needsOf(query)
    const rules = (worker: Worker) => ({ realm: this.#init.models, worker: worker.settings.models })
    const free = this.#members().flatMap((worker): Candidate[] => {
      const { host } = worker.settings
      if (host === undefined || !scopeReaches(query.scope, host) || exclude.has(worker.name)) return []
      if (worker.availability('own', query.priority) !== 'free') return []
      const match = matchModel(worker.models, query.model, needs, rules(worker), 'own')
      return match.kind === 'fit' ? [candidateOf(worker, match.model, needs)] : []
    })
    return selectWorker('health', free, Math.random)
  }

  #members(): readonly Worker[] {
    const { realm } = this.#init
    return this.#pool.list().filter(({ settings: { host, realms = [] } }) => {
      return host !== undefined && (realms.length === 0 || realms.includes(realm))
    })
  }

  #allows({ name, types }: Model): boolean {
    return modelAllowed(this.#init.models, name) && types.some((type) => this.#init.queryTypes.includes(type))
  }
}
