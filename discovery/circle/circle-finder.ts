/**
 * Looks for nodes of the own federation and for friends, and connects to them however many peers there are: at the
 * start, when others are wanted, and once an hour; more often only while none of them is connected, ever more rarely.
 * What the DHT says is a hint: anyone may write there. The card decides, and those that it shows to be strangers are
 * left alone for hours.
 */
import { LRUCache } from 'lru-cache'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import { type BackOffRule, backOffMs, jittered } from '../contact/back-off.ts'
import type { PeerHint } from '../contact/peer-dialer.ts'
import { FEDERATION_BUCKET } from '../dht/dht-keys.ts'
import type { DhtLookup } from '../dht/dht-lookup.ts'
import type { PeerChange, PeerTable } from '../peers/peer-table.ts'
import type { OwnCircle } from '../peers/standing.ts'
import { isSought, type Sought, soughtKey, soughtOf } from './sought.ts'

/** Until the first look: by then the first peers have met, and have written their records. */
export const FIRST_LOOK_MS = 5_000
/** Until the look after the last of them is gone: most come back by themselves, where they were. */
export const LOST_LOOK_MS = 60_000
/** By so much the pause grows while none is connected: an hour after six looks. */
const SLOWER = 4
/** Between two looks in the end: a walk costs some forty nodes a message, and newcomers look for themselves. */
export const SELDOM_MS = 3_600_000
/** Nodes that one look dials: as many as are enough. Of a key that liars crowd the others come in the next looks. */
export const MAX_DIALS_PER_LOOK = 16
/** Of these at once: each costs a handshake of some 50 ms of CPU. */
const DIALS_AT_ONCE = 4
/** Longest time for one of them. */
const MEET_WITHIN_MS = 10_000
/** Nodes of which it is known that they were tried in vain. */
export const MAX_TRIED = 2_000
/** Of a node that stands under a federation's key, and is no member by its card. */
const STRANGER_AGAIN: BackOffRule = { firstMs: 3_600_000, capMs: 24 * 3_600_000 }
/** Of a node that was not reached, or showed no card. */
const SILENT_AGAIN: BackOffRule = { firstMs: FIRST_LOOK_MS, capMs: SELDOM_MS }

export interface CircleFinderComponents {
  readonly lookup: Pick<DhtLookup, 'bucket'>
  /** Connects to a node and takes in its card. Never rejects. */
  readonly meet: (hint: PeerHint, signal: AbortSignal) => Promise<void>
  readonly table: Pick<PeerTable, 'get' | 'entries' | 'onChange'>
  /** As it is now; after a change call `changed()`. */
  readonly circle: () => OwnCircle
  /** Whether there is a peer to ask, and anything may be done that no query needs. */
  readonly mayLook: () => boolean
  readonly clock: Clock
}

export interface CircleFinderInit {
  /** @default Math.random */
  readonly rng?: () => number
}

interface Look {
  readonly sought: Sought
  /** The next pause, before it is spread. */
  pauseMs: number
  /** Monotonic. */
  dueAt: number
}

/** What came of a node before. */
interface EarlierTry {
  readonly count: number
  readonly isStranger: boolean
  /** Monotonic. */
  readonly notBefore: number
}

export class CircleFinder implements Startable {
  readonly #components: CircleFinderComponents
  readonly #rng: () => number
  #looks = new Map<string, Look>()
  /** By what was sought and the node. */
  readonly #tried = new LRUCache<string, EarlierTry>({ max: MAX_TRIED })
  #stopping = linkedAbort()
  #running = false
  #looking = false
  #cancelTimer = (): void => {}
  #unlisten = (): void => {}

  constructor(components: CircleFinderComponents, init: CircleFinderInit = {}) {
    this.#components = components
    this.#rng = init.rng ?? Math.random
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    this.#stopping = linkedAbort()
    this.#unlisten = this.#components.table.onChange(this.#onChange)
    this.changed()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#unlisten()
    this.#cancelTimer()
    this.#stopping.abort()
    this.#looks.clear()
  }

  /** The own federation or the friends may be others: those that are new are looked for soon. */
  changed(): void {
    if (!this.#running) return
    const { circle, clock } = this.#components
    const looks = soughtOf(circle(), clock.wall()).map((sought): [string, Look] => {
      const key = soughtKey(sought)
      return [key, this.#looks.get(key) ?? { sought, pauseMs: FIRST_LOOK_MS * SLOWER, dueAt: this.#in(FIRST_LOOK_MS) }]
    })
    this.#looks = new Map(looks)
    this.#schedule()
  }

  /** Looks again soon: the first peer is there, or this node was away. Those that it did not reach may be tried. */
  hurry(): void {
    for (const [key, { isStranger }] of [...this.#tried.entries()]) if (!isStranger) this.#tried.delete(key)
    for (const look of this.#looks.values()) this.#soon(look, FIRST_LOOK_MS)
    this.#schedule()
  }

  readonly #onChange = ({ kind, id }: PeerChange): void => {
    const peer = kind === 'disconnected' ? this.#components.table.get(id) : undefined
    if (peer === undefined) return
    for (const look of this.#looks.values()) {
      if (isSought(look.sought, peer) && this.#connected(look.sought) === 0) this.#soon(look, LOST_LOOK_MS)
    }
    this.#schedule()
  }

  #soon(look: Look, ms: number): void {
    look.pauseMs = ms * SLOWER
    look.dueAt = Math.min(look.dueAt, this.#in(ms))
  }

  /** The monotonic time after about so many milliseconds. */
  #in(ms: number): number {
    return this.#components.clock.monotonic() + jittered(ms, this.#rng)
  }

  #schedule(): void {
    this.#cancelTimer()
    if (!this.#running || this.#looking) return
    const { clock } = this.#components
    const next = Math.min(...[...this.#looks.values()].map(({ dueAt }) => dueAt))
    this.#cancelTimer = clock.after(Math.max(0, next - clock.monotonic()), () => {
      void this.#lookAll(this.#stopping.signal)
    })
  }

  /** One after the other: nothing waits for it. */
  async #lookAll(signal: CancelSignal): Promise<void> {
    const { clock, circle, mayLook } = this.#components
    this.#looking = true
    for (const look of this.#looks.values()) {
      if (signal.aborted || look.dueAt > clock.monotonic()) continue
      look.dueAt = this.#in(look.pauseMs)
      if (!mayLook()) continue // the first peer hurries
      const stands = soughtOf(circle(), clock.wall()).some((sought) => soughtKey(sought) === soughtKey(look.sought))
      if (stands) await this.#look(look.sought, signal)
      this.#rest(look)
    }
    this.#looking = false
    this.#schedule()
  }

  #rest(look: Look): void {
    if (this.#connected(look.sought) > 0) look.pauseMs = SELDOM_MS
    look.dueAt = this.#in(look.pauseMs)
    look.pauseMs = Math.min(SELDOM_MS, look.pauseMs * SLOWER)
  }

  async #look(sought: Sought, signal: CancelSignal): Promise<void> {
    const wanted = (): number => Math.min(DIALS_AT_ONCE, sought.enough - this.#connected(sought))
    if (wanted() <= 0) return
    const hints = this.#worthDialling(sought, await this.#hints(sought, signal)).slice(0, MAX_DIALS_PER_LOOK)
    while (!signal.aborted && hints.length > 0 && wanted() > 0) {
      await Promise.all(hints.splice(0, wanted()).map((hint) => this.#meet(sought, hint, signal)))
    }
  }

  async #hints({ kind, id }: Sought, signal: CancelSignal): Promise<readonly PeerHint[]> {
    if (kind === 'peer') return [{ id, addresses: [] }]
    const hints = new Map<string, PeerHint>()
    const onHint = (hint: PeerHint): void => void hints.set(hint.id, hint)
    await this.#components.lookup.bucket({ kind, name: id }, FEDERATION_BUCKET, { signal, onHint })
    return [...hints.values()]
  }

  /** Those that are not there and may be tried; those that failed least come first. */
  #worthDialling(sought: Sought, hints: readonly PeerHint[]): readonly PeerHint[] {
    const { table, clock } = this.#components
    const tried = (id: string): EarlierTry | undefined => this.#tried.peek(triedKey(sought, id))
    return hints
      .filter(({ id }) => {
        const peer = table.get(id)
        const isThere = peer?.connected === true && isSought(sought, peer)
        return !isThere && (tried(id)?.notBefore ?? 0) <= clock.monotonic()
      })
      .sort((a, b) => (tried(a.id)?.count ?? 0) - (tried(b.id)?.count ?? 0))
  }

  async #meet(sought: Sought, hint: PeerHint, signal: CancelSignal): Promise<void> {
    const { clock, meet, table } = this.#components
    const run = (limited: AbortSignal): Promise<void> => meet(hint, limited)
    await withinLimit(signal, MEET_WITHIN_MS, 'the node was not met', run, clock).catch(() => {})
    const peer = table.get(hint.id)
    const key = triedKey(sought, hint.id)
    if (peer?.connected === true && isSought(sought, peer)) {
      this.#tried.delete(key)
      return
    }
    const isStranger = peer?.connected === true && peer.card !== undefined
    const count = (this.#tried.peek(key)?.count ?? 0) + 1
    const wait = backOffMs(isStranger ? STRANGER_AGAIN : SILENT_AGAIN, count, this.#rng)
    this.#tried.set(key, { count, isStranger, notBefore: clock.monotonic() + wait })
  }

  #connected(sought: Sought): number {
    let count = 0
    for (const peer of this.#components.table.entries()) if (peer.connected && isSought(sought, peer)) count += 1
    return count
  }
}

function triedKey(sought: Sought, peer: string): string {
  return `${soughtKey(sought)}/${peer}`
}
