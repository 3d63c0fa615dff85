/** Rigs that say they are idle and swallow what they get: own evidence must outrank their claims. */
import assert from 'node:assert/strict'
import { PEER_BREAKER } from '../../routing/learning/evidence.ts'
import type { ChatAsk } from '../support/chat-client.ts'
import { DaemonSwarm, type RigPlan } from '../support/daemon-swarm.ts'
import { LIARS_NETWORK, type LyingRig, lyingRig } from '../support/lying-rig.ts'

const LIARS = 3
/** Queries in which the liars may be found out. */
const LEARNING = 20
const CLIENTS = 4
/** How often as many more are asked while no liar was tried at all: chance gives them one query in some seventy. */
const PATIENCE = 10

export interface TryCounts {
  /** Tries at nodes once the liars were known, and those of them at liars. */
  readonly tries: number
  readonly atLiars: number
  /** How queries ended that got no answer: a query makes three tries. */
  readonly unanswered: readonly string[]
  /** Milliseconds until the first text of each query. */
  readonly firstTextMs: readonly number[]
}

export class BlackHoles {
  // Short answers: what counts is who is asked.
  readonly #swarm = new DaemonSwarm({ tokens: 8 })
  #silent: LyingRig | undefined

  /** Three liars among `honest` rigs: one reads the query and says nothing, one answers with an error, one hangs up. */
  async start(honest: number): Promise<void> {
    const plans: RigPlan[] = Array.from({ length: honest }, () => ({ knobs: { ttftMs: 20, tokenMs: 2 } }))
    const failing: RigPlan[] = [{ knobs: { fail: 'error' } }, { knobs: { fail: 'cut', failAfter: 0 } }]
    await this.#swarm.start([...plans, ...failing], { network: LIARS_NETWORK })
    this.#silent = await lyingRig(this.#swarm.asker, () => {})
    await this.#swarm.allKnown([{ peerId: this.#silent.id }])
  }

  async stop(): Promise<void> {
    await Promise.all([this.#silent?.stop(), this.#swarm.stop()])
  }

  /**
   * `rounds` queries after those from which the swarm learns: each ends once, and liars get what their breakers allow.
   */
  async ask(rounds: number): Promise<TryCounts> {
    const began = performance.now()
    await this.#swarm.askMany(LEARNING, 2, () => this.#named())
    await this.#swarm.noteBaseline()
    const whileLearning = new Set(this.#swarm.clients.queries.keys())
    const many = () => this.#swarm.askMany(rounds, CLIENTS, () => this.#named())
    const results = [...(await many())]
    for (let more = 0; more < PATIENCE && !this.#liarTried(); more += 1) results.push(...(await many()))
    assert.ok(this.#liarTried(), 'the liars were tried at all')
    const { receipts } = await this.#swarm.check()
    const liars = this.#liars()
    const attempts = [...receipts].map(([mark, receipt]) => ({
      learning: whileLearning.has(mark),
      at: receipt.attempts.map(({ node }) => node),
    }))
    const all = attempts.flatMap(({ at }) => at).filter((node) => liars.has(node)).length
    // Until a breaker opens, and whenever it lets one try through, all clients may be on their way at once.
    const perLiar = (PEER_BREAKER.failures + (performance.now() - began) / PEER_BREAKER.pauseMs) * CLIENTS
    assert.ok(all <= LIARS * perLiar, `${all} tries at ${LIARS} liars`)
    const learned = attempts.filter(({ learning }) => !learning).flatMap(({ at }) => at)
    return {
      tries: learned.length,
      atLiars: learned.filter((node) => liars.has(node)).length,
      unanswered: results.filter(({ kind }) => kind !== 'done').map(({ kind, message }) => `${kind}: ${message}`),
      firstTextMs: results.map(({ firstTextMs }) => firstTextMs),
    }
  }

  /** With an id of its own, so that a query that fails has a receipt that can be found. */
  #named(): Pick<ChatAsk, 'content' | 'id'> {
    const content = this.#swarm.mark()
    return { content, id: content.replace(' ', '-') }
  }

  #failing() {
    return this.#swarm.rigs.filter(({ stub }) => stub.knobs.fail !== 'none')
  }

  #liars(): ReadonlySet<string> {
    return new Set([this.#silent?.id ?? '', ...this.#failing().map(({ daemon }) => daemon.peerId)])
  }

  #liarTried(): boolean {
    return this.#silent?.asked() !== 0 || this.#failing().some(({ stub }) => stub.journal.count('start') > 0)
  }
}
