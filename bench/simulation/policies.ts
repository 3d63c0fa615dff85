/** How a gateway of the simulation chooses: the daemon's own functions, and what they are compared with. */
import type { NodeLoad } from '../../core/model/load.ts'
import type { RealmLoad } from '../../node/realm/queue/admission.ts'
import { rankPeers } from '../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import type { RouteQuestion } from '../../routing/offers/route-question.ts'
import { RoutingView } from '../../routing/offers/routing-view.ts'
import type { Sent } from '../../routing/offers/sends.ts'
import { MEAN_JOB_MS, MEAN_TOKENS, type PolicyName, TRANSIT_MS } from './scenario.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

/** A send under way, for the policy that keeps books. */
export interface Route {
  readonly worker: string
  readonly sent?: Sent
}

export interface Policy {
  connect(worker: SimulatedWorker): void
  disconnect(id: string): void
  heard(id: string, load: NodeLoad, now: number, gossip: boolean): void
  /** The next place to try. */
  choose(exclude: ReadonlySet<string>, now: number): Route | undefined
  began(route: Route, now: number): void
  ended(route: Route, outcome: SendOutcome, now: number): void
}

const MODEL = {
  name: 'tiny',
  types: ['chat'],
  capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: true },
} as const

const QUESTION: Omit<RouteQuestion, 'exclude'> = {
  model: 'tiny',
  type: 'chat',
  realm: '$CHAT',
  needs: {},
  promptTokens: 0,
  expectedTokens: MEAN_TOKENS,
  streamed: true,
  scope: 'public',
}

/** RoutingView and rankPeers, as the daemon's router uses them. */
class RealmeshPolicy implements Policy {
  readonly #view = new RoutingView()
  readonly #rng: () => number

  constructor(rng: () => number) {
    this.#rng = rng
  }

  connect(worker: SimulatedWorker): void {
    const models = [{ model: MODEL, realm: '$CHAT', slots: worker.slots }]
    this.#view.setNode({ id: worker.id, relation: 'stranger', share: 'public', connected: true, models })
    this.#view.setRtt(worker.id, 2 * TRANSIT_MS)
  }

  disconnect(id: string): void {
    this.#view.removeNode(id)
  }

  heard(id: string, load: NodeLoad, now: number): void {
    this.#view.setLoad(id, load, now)
  }

  choose(exclude: ReadonlySet<string>, now: number): Route | undefined {
    const choice = rankPeers(this.#view, { ...QUESTION, exclude }, now, this.#rng)[0]
    if (choice === undefined) return undefined
    return { worker: choice.node, sent: this.#view.noteSent(choice.node, choice.model, now, choice.cost) }
  }

  began(route: Route, now: number): void {
    if (route.sent !== undefined) this.#view.noteFirstEvent(route.sent, now)
  }

  ended(route: Route, outcome: SendOutcome, now: number): void {
    if (route.sent !== undefined) this.#view.noteOutcome(route.sent, outcome, now)
  }
}

/** What the baselines have in common: they keep no books of their own. */
abstract class Baseline implements Policy {
  protected readonly workers = new Map<string, SimulatedWorker>()
  protected readonly rng: () => number

  constructor(rng: () => number) {
    this.rng = rng
  }

  connect(worker: SimulatedWorker): void {
    this.workers.set(worker.id, worker)
  }

  disconnect(id: string): void {
    this.workers.delete(id)
  }

  heard(_id: string, _load: NodeLoad, _now: number, _gossip: boolean): void {}
  began(_route: Route, _now: number): void {}
  ended(_route: Route, _outcome: SendOutcome, _now: number): void {}

  choose(exclude: ReadonlySet<string>): Route | undefined {
    const left = [...this.workers.values()].filter((worker) => !exclude.has(worker.id))
    const worker = this.pick(left)
    return worker === undefined ? undefined : { worker: worker.id }
  }

  protected abstract pick(workers: readonly SimulatedWorker[]): SimulatedWorker | undefined
}

class WeightedRandom extends Baseline {
  protected pick(workers: readonly SimulatedWorker[]): SimulatedWorker | undefined {
    let target = this.rng() * workers.reduce((sum, worker) => sum + worker.slots * worker.speed, 0)
    return workers.find((worker) => {
      target -= worker.slots * worker.speed
      return target < 0
    })
  }
}

/** How busy a worker of speed 1 is. */
type Score = (load: RealmLoad) => number

/** Its queries, this one included, per slot: what "the least loaded" commonly means. */
const byLoad: Score = (load) => (load.running + load.queued + 1) / load.slots
/** Queries that must end first, per slot: 0 for all that have a free slot. */
const byWait: Score = (load) => Math.max(0, load.running + load.queued + 1 - load.slots) / load.slots

/**
 * The lowest score of all; ties are broken at random, since every gateway breaking them alike would be unfair to this
 * policy.
 */
class Least extends Baseline {
  readonly #score: Score
  readonly #fresh: boolean
  readonly #heard = new Map<string, RealmLoad>()

  constructor(rng: () => number, score: Score, fresh: boolean) {
    super(rng)
    this.#score = score
    this.#fresh = fresh
  }

  override heard(id: string, load: NodeLoad, _now: number, gossip: boolean): void {
    const [model] = load.models
    if (gossip && model !== undefined) this.#heard.set(id, { ...model, meanJobMs: MEAN_JOB_MS })
  }

  protected pick(workers: readonly SimulatedWorker[]): SimulatedWorker | undefined {
    let best: SimulatedWorker | undefined
    let bestScore = Number.POSITIVE_INFINITY
    let ties = 0
    for (const worker of workers) {
      const load = this.#fresh ? worker.realmLoad : this.#heard.get(worker.id)
      const score = load === undefined ? 0 : this.#score(load) / worker.speed
      if (score > bestScore) continue
      ties = score === bestScore ? ties + 1 : 1
      bestScore = score
      if (ties === 1 || this.rng() * ties < 1) best = worker
    }
    return best
  }
}

export const POLICY: Readonly<Record<PolicyName, (rng: () => number) => Policy>> = {
  realmesh: (rng) => new RealmeshPolicy(rng),
  random: (rng) => new WeightedRandom(rng),
  'gossip-least': (rng) => new Least(rng, byLoad, false),
  'fresh-least': (rng) => new Least(rng, byLoad, true),
  'fresh-wait': (rng) => new Least(rng, byWait, true),
}
