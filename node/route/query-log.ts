/**
 * What becomes of each query, one line per decision with the query's id, at `log_level: debug`. While that is off it
 * costs a question. Nothing of a prompt, an answer or a user is in it.
 */
import type { Logger } from '../../core/logger.ts'
import type { Query, QueryEnvelope } from '../../core/query/query.ts'
import type { QueuedEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { traceIdOf } from '../../core/query/trace-context.ts'
import type { RealmeshError } from '../../core/realmesh-error.ts'
import type { SearchOutcome } from '../../discovery/dht/model-search.ts'
import type { Choice } from '../../routing/choice/rank-peers.ts'

/** A place that was chosen, and the realm in which. */
interface ChosenPlace extends Choice {
  readonly realm: string
}

export class QueryLog {
  readonly #log: Pick<Logger, 'debug' | 'isLevelEnabled'>

  constructor(log: Pick<Logger, 'debug' | 'isLevelEnabled'>) {
    this.#log = log
  }

  accepted({ id, type, realm, model, scope, trace }: Query): void {
    if (this.#off) return
    const fields = { query: id, type, realm, model, scope, ...(trace && { trace: traceIdOf(trace) }) }
    this.#log.debug(fields, 'accepted')
  }

  /**
   * The ranking was asked about a realm: the candidates, best first, each with its estimated milliseconds and how it
   * came in.
   */
  ranked(query: Query, realm: string, realOnly: boolean, candidates: readonly Choice[]): void {
    if (this.#off) return
    const among = candidates.map(({ node, cost, hit }) => `${node} ${Math.round(cost)} ms ${hit}`)
    const [best] = candidates
    const message = best === undefined ? `no place in ${realm}` : `best in ${realm}: ${best.node}`
    const fields = { query: query.id, realOnly, model: best?.model ?? query.model, by: best?.hit, among }
    this.#log.debug(fields, message)
  }

  /**
   * A try at a place failed, or was refused. `begun`: after the first content, so that no other place is tried
   * unseen.
   */
  failed(
    query: Query,
    { node, realm, model }: ChosenPlace,
    { code, message, retryAfterMs }: RealmeshError,
    begun: boolean,
  ): void {
    if (this.#off) return
    this.#log.debug({ query: query.id, node, realm, model, code, retryAfterMs, begun }, message)
  }

  /** The first place is late. `second`: asked beside it; undefined when there is none, or no budget for one. */
  hedged(query: Query, first: ChosenPlace, second: ChosenPlace | undefined, afterMs: number): void {
    if (this.#off) return
    const message =
      second === undefined ? 'slow to begin, and none to ask beside it' : 'slow to begin: a second is asked'
    this.#log.debug({ query: query.id, node: first.node, second: second?.node, afterMs }, message)
  }

  /** All places are full: the query waits in line, at most this long. */
  waits(query: Query, { code, retryAfterMs }: RealmeshError, atMostMs: number): void {
    if (this.#off) return
    this.#log.debug({ query: query.id, code, retryAfterMs, atMostMs }, 'waits for a place')
  }

  /** The chosen place has it wait in the queue of its realm. */
  queued({ id }: Query, { node, realm, model }: ChosenPlace, { position, estimatedWaitMs }: QueuedEvent): void {
    if (this.#off) return
    this.#log.debug({ query: id, node, realm, model, position, estimatedWaitMs }, 'waits in the queue of the realm')
  }

  /** No node in reach offers the model, and the network was to be searched for it. */
  searched(query: Query, outcome: SearchOutcome, tookMs: number): void {
    if (this.#off) return
    const fields = { query: query.id, model: query.model, outcome, tookMs: Math.round(tookMs) }
    this.#log.debug(fields, 'looked for the model in the network')
  }

  /** No place serves it, or serves on. */
  givenUp(query: Query, { code, message }: RealmeshError): void {
    if (this.#off) return
    this.#log.debug({ query: query.id, code }, `given up: ${message}`)
  }

  /** An answer broke, and another worker is asked for the rest. */
  continues(query: Query, { code }: RealmeshError): void {
    if (this.#off) return
    this.#log.debug({ query: query.id, code, model: query.model }, 'the answer broke: its rest is asked for elsewhere')
  }

  ended({ id, outcome, totalMs, overheadUs, attempts }: RouteReceipt): void {
    if (this.#off) return
    const { node, worker } = attempts.at(-1) ?? {}
    const fields = { query: id, node, worker, tries: attempts.length, totalMs: Math.round(totalMs), overheadUs }
    this.#log.debug(fields, outcome)
  }

  /** A query of a peer was refused, or failed here. */
  peerFailed({ id, origin, realm, model }: QueryEnvelope, { code, message }: RealmeshError): void {
    if (this.#off) return
    this.#log.debug({ query: id, peer: origin, realm, model, code }, `for a peer: ${message}`)
  }

  get #off(): boolean {
    return !this.#log.isLevelEnabled('debug')
  }
}
