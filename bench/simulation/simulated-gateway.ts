/** A gateway of the simulation: three tries, then its own bounded queue, then "come back later". */
import type { NodeLoad } from '../../core/model/load.ts'
import type { SendOutcome } from '../../routing/learning/evidence.ts'
import type { EventQueue } from './event-queue.ts'
import type { Journal, SimulatedQuery } from './journal.ts'
import type { Policy, Route } from './policies.ts'
import { FIRST_EVENT_TIMEOUT_MS, MAX_HELD, MAX_HELD_MS, MAX_TRIES } from './scenario.ts'
import type { Receiver, SendHandler, SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedWorker } from './simulated-worker.ts'

/** Bounds of the time after which the gateway tries again by itself. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 1_000

export interface SimulatedGatewayComponents {
  readonly time: EventQueue
  readonly network: SimulatedNetwork
  readonly policy: Policy
  readonly journal: Journal
}

export interface SimulatedGatewayInit {
  readonly half: number
  /** Whether it gives up on a worker that does not begin; the baselines wait for ever. */
  readonly impatient: boolean
}

export class SimulatedGateway implements Receiver {
  readonly half: number
  readonly #time: EventQueue
  readonly #network: SimulatedNetwork
  readonly #policy: Policy
  readonly #journal: Journal
  readonly #impatient: boolean
  readonly #held: SimulatedQuery[] = []
  /** Whether the first of the held queries is being tried. */
  #trying = false
  #timer = 0
  #asked = 0

  constructor(components: SimulatedGatewayComponents, init: SimulatedGatewayInit) {
    this.#time = components.time
    this.#network = components.network
    this.#policy = components.policy
    this.#journal = components.journal
    this.half = init.half
    this.#impatient = init.impatient
  }

  submit(query: SimulatedQuery): void {
    this.#asked += 1
    query.number = this.#asked
    // Not behind those who are held: in single file the gaps between their tries would be everybody's.
    this.#try(query)
  }

  heard(worker: string, load: NodeLoad, gossip: boolean): void {
    this.#policy.heard(worker, load, this.#time.now, gossip)
    if (load.models.some((model) => model.running < model.slots)) this.#tryHeld()
  }

  connect(worker: SimulatedWorker): void {
    this.#policy.connect(worker)
  }

  disconnect(worker: string): void {
    this.#policy.disconnect(worker)
  }

  #try(query: SimulatedQuery): void {
    const route = query.tries < MAX_TRIES ? this.#policy.choose(query.tried, this.#time.now) : undefined
    if (route === undefined) {
      this.#hold(query)
      return
    }
    query.tries += 1
    query.tried.add(route.worker)
    this.#journal.sent(query, route.worker)
    this.#send(query, route)
  }

  #send(query: SimulatedQuery, route: Route): void {
    let begun = false
    let over = false
    const finish = (outcome: SendOutcome): void => {
      over = true
      this.#policy.ended(route, outcome, this.#time.now)
    }
    const begin = (): void => {
      begun = true
      this.#policy.began(route, this.#time.now)
      this.#settled(query)
    }
    const handler: SendHandler = {
      sizeMs: query.sizeMs,
      onStarted: () => this.#journal.started(query),
      onHead: begin,
      onEnd: () => {
        // A short break may have swallowed the head.
        if (!begun) begin()
        finish({ ok: true })
        this.#journal.ended(query, 'served')
      },
      onRefused: (retryAfterMs) => {
        finish({ ok: false, code: 'REALM_OVERLOADED', retryAfterMs })
        this.#journal.refused(query)
        query.retryAfterMs = Math.min(query.retryAfterMs, retryAfterMs)
        this.#try(query)
      },
      onFailed: (code) => {
        finish({ ok: false, code })
        this.#again(query, begun)
      },
    }
    const send = this.#network.send(this, route.worker, handler)
    if (!this.#impatient) return
    this.#time.after(FIRST_EVENT_TIMEOUT_MS, () => {
      if (begun || over) return
      send.cancel()
      finish({ ok: false, code: 'TIMEOUT' })
      this.#try(query)
    })
  }

  /** After a failure. A broken answer is continued elsewhere, with all its tries. */
  #again(query: SimulatedQuery, begun: boolean): void {
    if (begun) {
      query.tries = 0
      query.tried.clear()
    }
    this.#try(query)
  }

  #hold(query: SimulatedQuery): void {
    if (this.#held[0] === query) {
      this.#trying = false
    } else if (this.#held.length >= MAX_HELD) {
      this.#journal.ended(query, 'rejected')
      return
    } else {
      query.heldSince = this.#time.now
      this.#held.push(query)
      this.#journal.held(this.#held.length)
    }
    this.#wakeIn(Math.min(RETRY_MAX_MS, Math.max(RETRY_MIN_MS, query.retryAfterMs)))
  }

  /** One of the held queries has found a worker: room for the next. */
  #settled(query: SimulatedQuery): void {
    if (this.#held[0] !== query) return
    this.#held.shift()
    this.#trying = false
    this.#tryHeld()
  }

  #tryHeld(): void {
    if (this.#trying) return
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (this.#time.now - first.heldSince <= MAX_HELD_MS) {
        this.#trying = true
        first.tries = 0
        first.tried.clear()
        first.retryAfterMs = RETRY_MAX_MS
        this.#try(first)
        return
      }
      this.#held.shift()
      this.#journal.ended(first, 'rejected')
    }
  }

  /** A later call replaces an earlier one. */
  #wakeIn(ms: number): void {
    this.#timer += 1
    const timer = this.#timer
    this.#time.after(ms, () => {
      if (timer === this.#timer) this.#tryHeld()
    })
  }
}
