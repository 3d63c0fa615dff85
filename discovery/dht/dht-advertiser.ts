/**
 * Writes what this node serves into the DHT: one provider record per realm and per model, in the bucket of its own peer
 * id. Again on change and at an interval; a failure is tried again later and harms nothing.
 */
import type { CID } from 'multiformats/cid'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { type BackOffRule, backOffMs, jittered } from '../contact/back-off.ts'
import { bucketsOf, type DhtName, dhtKey, dhtKeyText } from './dht-keys.ts'

/**
 * Names of one node, of which models stand under two keys: a fair share of what servers store per peer. The first ones
 * are taken: realms come before models.
 */
export const MAX_ADVERTISED_NAMES = 100
/** Longest time for writing one key. A fresh node waits in here until its routing table has a peer. */
const PROVIDE_TIMEOUT_MS = 30_000
/** Keys written at once: each write is a walk through the DHT. */
const CONCURRENCY = 2
const FAILED: BackOffRule = { firstMs: 2_000, capMs: 5 * 60_000 }

/** What is used of the DHT. */
export interface ProvidingDht {
  provide(key: CID, options: { readonly signal: AbortSignal }): AsyncIterable<{ readonly name: string }>
  cancelReprovide(key: CID): Promise<void>
}

export interface DhtAdvertiserComponents {
  readonly dht: ProvidingDht
  readonly clock: Clock
  readonly log: Logger
  /** What is to be found under this node now. */
  names(): readonly DhtName[]
  /** Whether any peer is connected: a node alone has none to write to. */
  hasPeers(): boolean
}

export interface DhtAdvertiserInit {
  readonly network: string
  /** Own peer id. */
  readonly self: string
  /** Milliseconds after which a key is written again. @default 3,600,000 */
  readonly intervalMs?: number
  /** @default Math.random */
  readonly rng?: () => number
}

interface Advert {
  readonly key: CID
  readonly text: string
  failures: number
  /** Monotonic. */
  dueAt: number
  writing: boolean
}

export class DhtAdvertiser implements Startable {
  readonly #components: DhtAdvertiserComponents
  readonly #network: string
  readonly #self: string
  #intervalMs: number
  readonly #rng: () => number
  readonly #adverts = new Map<string, Advert>()
  #writing = 0
  #stopping = linkedAbort()
  #running = false
  #cancelTimer = (): void => {}

  constructor(components: DhtAdvertiserComponents, init: DhtAdvertiserInit) {
    this.#components = components
    this.#network = init.network
    this.#self = init.self
    this.#intervalMs = init.intervalMs ?? 3_600_000
    this.#rng = init.rng ?? Math.random
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.changed()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#cancelTimer()
    this.#stopping.abort()
    this.#adverts.clear()
  }

  /** Milliseconds after which a key is written again, from now on: a key that would be due later is due then. */
  setInterval(ms: number): void {
    if (ms === this.#intervalMs) return
    this.#intervalMs = ms
    const now = this.#components.clock.monotonic()
    for (const advert of this.#adverts.values()) advert.dueAt = Math.min(advert.dueAt, now + jittered(ms, this.#rng))
    this.#writeDue()
  }

  /** What is served has changed, or the first peers are there: writes what is new and lets go of what is gone. */
  changed(): void {
    if (!this.#running) return
    const names = this.#components.names().slice(0, MAX_ADVERTISED_NAMES)
    const wanted = new Map(names.flatMap((name) => this.#keysOf(name)))
    for (const advert of this.#adverts.values()) if (!wanted.has(advert.text)) this.#withdraw(advert)
    for (const [text, key] of wanted) {
      if (this.#adverts.has(text)) continue
      this.#adverts.set(text, { key, text, failures: 0, dueAt: Number.NEGATIVE_INFINITY, writing: false })
    }
    this.#writeDue()
  }

  /** The keys under which a name of this node stands, by their texts. */
  #keysOf(name: DhtName): readonly (readonly [string, CID])[] {
    return bucketsOf(this.#self, name.kind).map((bucket) => [
      dhtKeyText(this.#network, name, bucket),
      dhtKey(this.#network, name, bucket),
    ])
  }

  /** Records that others hold run out by themselves; here it is only kept from being renewed. */
  #withdraw(advert: Advert): void {
    this.#adverts.delete(advert.text)
    this.#components.dht.cancelReprovide(advert.key).catch((error: unknown) => {
      const { code, message } = toRealmeshError(error)
      this.#components.log.debug({ code, cause: message }, 'provider record not withdrawn')
    })
  }

  #writeDue(): void {
    if (!this.#running) return
    this.#cancelTimer()
    if (!this.#components.hasPeers()) return // changed() is called when the first comes
    const now = this.#components.clock.monotonic()
    let next = Number.POSITIVE_INFINITY
    for (const advert of this.#adverts.values()) {
      if (advert.writing) continue
      if (advert.dueAt > now) next = Math.min(next, advert.dueAt)
      else if (this.#writing < CONCURRENCY) void this.#write(advert)
    }
    if (next < Number.POSITIVE_INFINITY) {
      this.#cancelTimer = this.#components.clock.after(next - now, () => {
        this.#writeDue()
      })
    }
  }

  async #write(advert: Advert): Promise<void> {
    advert.writing = true
    this.#writing += 1
    try {
      const { clock } = this.#components
      const provide = (signal: AbortSignal): Promise<void> => this.#provide(advert.key, signal)
      await withinLimit(this.#stopping.signal, PROVIDE_TIMEOUT_MS, 'no provider record was written', provide, clock)
      advert.failures = 0
      advert.dueAt = this.#components.clock.monotonic() + jittered(this.#intervalMs, this.#rng)
    } catch (error) {
      advert.failures += 1
      advert.dueAt = this.#components.clock.monotonic() + backOffMs(FAILED, advert.failures, this.#rng)
      const { code, message } = toRealmeshError(error, 'PEER_UNREACHABLE')
      if (this.#running) this.#components.log.debug({ code, cause: message }, 'provider record not written yet')
    } finally {
      advert.writing = false
      this.#writing -= 1
      this.#writeDue()
    }
  }

  async #provide(key: CID, signal: AbortSignal): Promise<void> {
    let answered = 0
    for await (const event of this.#components.dht.provide(key, { signal })) {
      if (event.name === 'PEER_RESPONSE') answered += 1
    }
    if (answered === 0) throw new Error('no DHT server answered')
  }
}
