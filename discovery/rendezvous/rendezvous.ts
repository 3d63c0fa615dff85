/**
 * Meets nodes of the own network in a public DHT, for those that know no address of each other. Opt-in: without it not
 * a byte goes there. The DHT is visited while peers are few and left again as soon as there are enough.
 */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { type BackOffRule, backOffMs, jittered } from '../contact/back-off.ts'
import type { PeerHint } from '../contact/peer-dialer.ts'
import { dnsaddrName, resolveDnsaddr, type TxtResolver } from '../ways-in/dnsaddr.ts'
import type { RendezvousState, RendezvousStatus } from '../ways-in/ways-in.ts'
import { type MeetingPlace, meetingKeys, untilNextEpochMs } from './meeting-keys.ts'
import type { PublicDht } from './public-dht.ts'

/** The other ways have this long first: remembered peers, neighbours, bootstrap nodes answer within two seconds. */
export const OTHERS_FIRST_MS = 3_000
/** Between two looks: each is two walks through a DHT of other people. After each that brought nobody it doubles. */
const LOOK_AGAIN: BackOffRule = { firstMs: 30_000, capMs: 15 * 60_000 }
/** How often it is looked whether peers have become few. */
const FEW_AGAIN_MS = 60_000
/** Nodes that are counted as found. */
export const MAX_FOUND = 1024
/** Longest time of one step: to join, to be written, to be found. */
const STEP_MS = 60_000

export interface RendezvousComponents {
  /** Joins the public DHT, where this node says that it is at these addresses. */
  readonly visit: (
    bootstrap: readonly Multiaddr[],
    shown: readonly Multiaddr[],
    signal: AbortSignal,
  ) => Promise<PublicDht>
  readonly resolver: Pick<TxtResolver, 'resolveTxt'>
  /** Addresses of this node that anybody can dial, as they are now. */
  readonly shown: () => readonly Multiaddr[]
  readonly connected: () => number
  readonly suggest: (hint: PeerHint) => void
  readonly clock: Clock
  readonly log: Logger
}

export interface RendezvousInit extends MeetingPlace {
  /** With so many peers the public DHT is left. */
  readonly enoughPeers: number
  /** Multiaddrs of nodes of the public DHT. */
  readonly bootstrap: readonly string[]
  /** @default Math.random */
  readonly rng?: () => number
}

/** A visit that goes on: with which addresses this node is shown, and under which keys it was written. */
interface Visit {
  readonly dht: PublicDht
  readonly shownAt: string
  readonly written: Set<string>
}

export class Rendezvous implements Startable {
  readonly #components: RendezvousComponents
  readonly #init: RendezvousInit
  readonly #rng: () => number
  readonly #found = new Set<string>()
  #visit: Visit | undefined
  #state: RendezvousState = 'waiting'
  #cause: string | undefined
  #fruitless = 0
  #cancelNext = (): void => {}
  #looking: Promise<void> = Promise.resolve()
  #stopping = linkedAbort()
  #running = false

  constructor(components: RendezvousComponents, init: RendezvousInit) {
    this.#components = components
    this.#init = init
    this.#rng = init.rng ?? Math.random
  }

  status(): RendezvousStatus {
    const shown = (this.#visit?.written.size ?? 0) > 0
    const cause = this.#cause
    return { state: this.#state, shown, found: this.#found.size, ...(cause !== undefined && { cause }) }
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.#state = 'waiting'
    this.#next(OTHERS_FIRST_MS)
  }

  async stop(): Promise<void> {
    if (!this.#running) return
    this.#running = false
    this.#cancelNext()
    this.#stopping.abort()
    await this.#looking
    await this.#leave()
  }

  /** Peers have come: where they are enough now the public DHT is left at once. */
  peersChanged(): void {
    if (this.#running && this.#state === 'looking' && this.#isEnough()) this.#next(0)
  }

  #isEnough(): boolean {
    return this.#components.connected() >= this.#init.enoughPeers
  }

  #next(ms: number): void {
    this.#cancelNext()
    this.#cancelNext = this.#components.clock.after(ms, () => {
      this.#looking = this.#looking.then(() => this.#turn())
    })
  }

  /** One look, or the end of the visit. Never rejects. */
  async #turn(): Promise<void> {
    if (!this.#running) return
    if (this.#isEnough()) {
      await this.#leave()
      if (this.#state === 'looking')
        this.#components.log.info({ state: 'left' }, 'enough peers: the public DHT is left')
      this.#state = 'left'
      this.#fruitless = 0
      this.#next(jittered(FEW_AGAIN_MS, this.#rng))
      return
    }
    this.#state = 'looking'
    const before = this.#components.connected()
    const { log, clock } = this.#components
    try {
      await this.#look()
      this.#cause = undefined
    } catch (error) {
      const { code, message, fix } = toRealmeshError(error, 'PEER_UNREACHABLE')
      if (this.#running && this.#cause === undefined)
        log.warn({ code, cause: message, fix }, 'public rendezvous failed')
      this.#cause = message
      await this.#leave()
    }
    if (!this.#running) return
    this.#fruitless = this.#components.connected() > before ? 0 : this.#fruitless + 1
    const again = backOffMs(LOOK_AGAIN, Math.max(1, this.#fruitless), this.#rng)
    this.#next(this.#isEnough() ? 0 : Math.min(again, untilNextEpochMs(this.#init, clock.wall()) + 1))
  }

  /** Looks and is written side by side: of two nodes the later one finds the other. */
  async #look(): Promise<void> {
    const visit = await this.#visiting()
    const keys = meetingKeys(this.#init, this.#components.clock.wall())
    await Promise.all([...keys.map((key) => this.#find(visit.dht, key)), this.#show(visit, keys)])
  }

  /** A walk that takes too long has told what it found on the way. */
  async #find(dht: PublicDht, key: CID): Promise<void> {
    const onFound = (hint: PeerHint): void => {
      if (this.#found.size < MAX_FOUND) this.#found.add(hint.id)
      this.#components.suggest(hint)
    }
    try {
      await this.#step('the walk did not end', (signal) => dht.find(key, onFound, signal))
    } catch (error) {
      if (toRealmeshError(error).code !== 'TIMEOUT') throw error
    }
  }

  async #show({ dht, shownAt, written }: Visit, keys: readonly CID[]): Promise<void> {
    if (shownAt === '') return
    const before = written.size
    for (const key of keys) {
      if (written.has(key.toString()) || this.#isEnough()) continue
      await this.#step('nobody took the record', (signal) => dht.provide(key, signal))
      written.add(key.toString())
    }
    if (written.size > before) this.#components.log.info({ state: 'shown' }, 'this node is found in the public DHT now')
  }

  /** The visit that goes on, where this node is still at the same addresses; else another one. */
  async #visiting(): Promise<Visit> {
    const shown = this.#components.shown()
    const shownAt = shown.map(String).sort().join()
    if (this.#visit?.shownAt === shownAt) return this.#visit
    await this.#leave()
    const bootstrap = await this.#bootstrap()
    const dht = await this.#step('not joined', (signal) => this.#components.visit(bootstrap, shown, signal))
    const visit: Visit = { dht, shownAt, written: new Set() }
    this.#visit = visit
    return visit
  }

  /** A name that is not resolved costs its own peers alone. */
  async #bootstrap(): Promise<readonly Multiaddr[]> {
    const named = this.#init.bootstrap.map((text) => multiaddr(text))
    const found = await Promise.all(
      named.map(async (address) => {
        if (dnsaddrName(address) === undefined) return [address]
        return await resolveDnsaddr(address, this.#components.resolver).catch(() => [])
      }),
    )
    return found.flat()
  }

  async #step<T>(what: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const parent: CancelSignal = this.#stopping.signal
    return await withinLimit(parent, STEP_MS, what, run, this.#components.clock)
  }

  async #leave(): Promise<void> {
    const visit = this.#visit
    this.#visit = undefined
    await visit?.dht.leave()
  }
}
