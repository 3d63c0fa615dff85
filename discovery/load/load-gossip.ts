/**
 * Speaks the own load record and listens to those of others: to connected nodes whenever it changes, to the whole swarm
 * by gossip, seldom. When and what to believe is decided elsewhere.
 */
import { type Message, type TopicValidatorFn, TopicValidatorResult } from '@chainsafe/libp2p-gossipsub'
import type { PeerId } from '@libp2p/interface'
import type { Logger } from '../../core/logger.ts'
import type { NodeLoad } from '../../core/model/load.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'
import { jittered } from '../contact/back-off.ts'
import { ACTIVE_INTERVAL_MS, hasChanged, isStep, MIN_GAP_MS, swarmIntervalMs } from './load-cadence.ts'
import { LOAD_REFUSALS, type LoadRefusal } from './load-limits.ts'
import type { LoadValidator, LoadVerdict } from './load-validator.ts'

/** Shortest time between two looks for a step, milliseconds: queries begin and end thousands of times per second. */
const STEP_LOOK_MS = 50

/** What is used of gossipsub. */
export interface LoadPubsub {
  readonly topicValidators: Map<string, TopicValidatorFn>
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  /** Resolves with those to whom it was sent. */
  publish(topic: string, data: Uint8Array): Promise<{ readonly recipients: readonly unknown[] }>
}

export interface LoadGossipComponents {
  readonly pubsub: LoadPubsub
  /** Tells all connected nodes; how many were told. */
  say(record: Uint8Array): number
  readonly validator: Pick<LoadValidator, 'judge' | 'authors'>
  readonly clock: Clock
  readonly log: Logger
  /** A new statement of the own load with each call. */
  ownLoad(): NodeLoad
  /** Whether the swarm may be told now. @default always */
  background?(): boolean
  /** Signs a statement as it travels. */
  seal(load: NodeLoad): Promise<Uint8Array>
  /** Takes in what a peer truly said; `receivedAtMs` is monotonic. */
  onLoad(peer: string, load: NodeLoad, receivedAtMs: number): void
  /** Cuts every connection of a flooding peer, synchronously, and denies it. */
  onFlood(peer: string, reason: LoadRefusal): void
}

export interface LoadGossipInit {
  readonly topic: string
  /** Numbers from 0 to 1 for the spread of intervals. @default Math.random */
  readonly rng?: () => number
}

/** What passed through, for status and metrics. */
export interface LoadGossipCounters {
  /** Statements to connected nodes, each counted once. */
  said: number
  /** Statements to the whole swarm. */
  published: number
  publishFailed: number
  accepted: number
  readonly refused: Record<LoadRefusal, number>
}

function noRefusals(): Record<LoadRefusal, number> {
  return Object.fromEntries(Object.keys(LOAD_REFUSALS).map((reason) => [reason, 0])) as Record<LoadRefusal, number>
}

export class LoadGossip implements Startable {
  readonly counters: LoadGossipCounters = {
    said: 0,
    published: 0,
    publishFailed: 0,
    accepted: 0,
    refused: noRefusals(),
  }
  readonly #components: LoadGossipComponents
  readonly #topic: string
  readonly #rng: () => number
  #running = false
  #said: NodeLoad | undefined
  #saidAt = Number.NEGATIVE_INFINITY
  #lookedAt = Number.NEGATIVE_INFINITY
  #publishAt = Number.NEGATIVE_INFINITY
  #cancelTick = (): void => {}
  #cancelLook: (() => void) | undefined

  constructor(components: LoadGossipComponents, init: LoadGossipInit) {
    this.#components = components
    this.#topic = init.topic
    this.#rng = init.rng ?? Math.random
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    const { pubsub } = this.#components
    pubsub.topicValidators.set(this.#topic, this.#onMessage)
    pubsub.subscribe(this.#topic)
    this.#scheduleTick()
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancelTick()
    this.#cancelLook?.()
    this.#cancelLook = undefined
    const { pubsub } = this.#components
    pubsub.topicValidators.delete(this.#topic)
    pubsub.unsubscribe(this.#topic)
  }

  /** The load may have changed: cheap enough for every query. Says so at once when it is a step, rate-limited. */
  noteChange(): void {
    if (!this.#running || this.#cancelLook !== undefined) return
    const wait = Math.max(this.#saidAt + MIN_GAP_MS, this.#lookedAt + STEP_LOOK_MS) - this.#components.clock.monotonic()
    if (wait <= 0) {
      this.#look()
      return
    }
    this.#cancelLook = this.#components.clock.after(wait, () => {
      this.#cancelLook = undefined
      this.#look()
    })
  }

  /**
   * A peer came that has not heard the last statement: says it again with the next tick, once for all that come until
   * then.
   */
  repeatSoon(): void {
    this.#said = undefined
  }

  /** Speaks now, whatever was said before: for draining. */
  async publishNow(): Promise<void> {
    if (this.#running) await this.#say(this.#components.ownLoad())
  }

  /** A connected node says something of its load. */
  hear(peer: PeerId, data: Uint8Array): void {
    const { clock, validator } = this.#components
    const now = { monotonic: clock.monotonic(), wall: clock.wall() }
    const from = peer.toString()
    const verdict = validator.judge({ neighbour: from, author: from, data }, now)
    if (verdict instanceof Promise) void verdict.then((late) => this.#settle(from, late, now.monotonic))
    else this.#settle(from, verdict, now.monotonic)
  }

  #look(): void {
    this.#lookedAt = this.#components.clock.monotonic()
    const load = this.#components.ownLoad()
    if (isStep(this.#said, load)) void this.#say(load)
  }

  #scheduleTick(): void {
    const { clock, ownLoad, background } = this.#components
    this.#cancelTick = clock.after(jittered(ACTIVE_INTERVAL_MS, this.#rng), () => {
      const load = ownLoad()
      if (hasChanged(this.#said, load)) void this.#say(load)
      if (clock.monotonic() >= this.#publishAt && background?.() !== false) void this.#publish(load)
      this.#scheduleTick()
    })
  }

  /** Never rejects. */
  async #say(load: NodeLoad): Promise<void> {
    const { clock, seal, say, log } = this.#components
    this.#said = load
    this.#saidAt = clock.monotonic()
    try {
      if (say(await seal(load)) > 0) this.counters.said += 1
    } catch (error) {
      log.debug({ cause: toRealmeshError(error).message }, 'own load record not said')
    }
  }

  /** Never rejects: what was not heard is said again the next time. */
  async #publish(load: NodeLoad): Promise<void> {
    const { clock, pubsub, log, seal, validator } = this.#components
    this.#publishAt =
      clock.monotonic() + jittered(swarmIntervalMs(validator.authors, this.counters.published), this.#rng)
    try {
      const { recipients } = await pubsub.publish(this.#topic, await seal(load))
      if (recipients.length > 0) this.counters.published += 1
      // Its peers are not yet known to speak of this: in a swarm of three the next time would be a minute later.
      else this.#publishAt = Number.NEGATIVE_INFINITY
    } catch (error) {
      this.counters.publishFailed += 1
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      log.debug({ code, cause: message }, 'own load record not published')
    }
  }

  readonly #onMessage = (neighbour: PeerId, message: Message): TopicValidatorResult | Promise<TopicValidatorResult> => {
    if (message.type !== 'signed') return TopicValidatorResult.Reject
    const { clock } = this.#components
    const now = { monotonic: clock.monotonic(), wall: clock.wall() }
    const from = neighbour.toString()
    const verdict = this.#components.validator.judge(
      { neighbour: from, author: message.from.toString(), data: message.data },
      now,
    )
    if (verdict instanceof Promise) return verdict.then((late) => this.#settle(from, late, now.monotonic))
    return this.#settle(from, verdict, now.monotonic)
  }

  #settle(neighbour: string, verdict: LoadVerdict, receivedAt: number): TopicValidatorResult {
    if (verdict.kind === 'accept') {
      this.counters.accepted += 1
      this.#components.onLoad(verdict.statement.node, verdict.statement.load, receivedAt)
      return TopicValidatorResult.Accept
    }
    this.counters.refused[verdict.reason] += 1
    if (verdict.cut) this.#components.onFlood(neighbour, verdict.reason)
    const { result } = LOAD_REFUSALS[verdict.reason]
    return result === 'reject' ? TopicValidatorResult.Reject : TopicValidatorResult.Ignore
  }
}
