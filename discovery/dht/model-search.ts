/**
 * Finds nodes that serve a model which no connected node serves, while a query waits for it: connects to those that are
 * known from before, asks the DHT, connects to those that it names and gets their cards. One search per model, however
 * many queries wait for it; it ends when none does any more. How often is bounded, so that a flood of mistyped names
 * stays in this node.
 */
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import { canonicalModelName } from '../../core/model/model-name.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { Startable } from '../../core/run/startable.ts'
import { type Bucket, type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import { withinLimit } from '../../core/run/within-limit.ts'
import type { PeerHint } from '../contact/peer-dialer.ts'
import { DHT_BUCKETS } from './dht-keys.ts'
import { type DhtLookup, MAX_PROVIDERS_PER_KEY } from './dht-lookup.ts'

/**
 * Longest time of one search. A walk takes up to two seconds between homes, the dial and the card of the node that is
 * found another one; on a slow machine the handshakes with forty nodes on the way take as long again. A walk that has
 * found nothing ends by itself, so that a caller who mistyped a name rarely waits that long.
 */
export const SEARCH_MS = 10_000
/**
 * How long "found nothing" stands: shorter than a new rig needs to be advertised and noticed, longer than a client's
 * retries.
 */
export const NOTHING_FOUND_MS = 15_000
/** Searches of one node: each is sixteen walks through the DHT, half a second of CPU here and as much elsewhere. */
export const SEARCH_RULE: BucketRule = { perSecond: 0.2, burst: 8 }
/** Models of which "found nothing" is kept: more than SEARCH_RULE lets through in that time. */
const MAX_NOTHING_FOUND = 64
/**
 * A walk that no peer has answered begins anew after so long: connections have broken, or all of those asked are slow,
 * and others may be there by then.
 */
export const AGAIN_MS = 1_000
/** Nodes that one search connects to: of a model that so many serve, one will do. */
export const MAX_MET = 32
/** Nodes that one search connects to at once. */
const MEET_AT_ONCE = 4
/** Of these so many that one key has named: liars around it, whose addresses swallow dials, leave room for others. */
const MEET_PER_KEY = 2
/** Keys by whose word one node is met: it stands under two. */
const MAX_NAMED_BY = 2
/** The line of those that this node knows already, behind the lines of the keys. */
const KNOWN_LINE = DHT_BUCKETS

/**
 * `found`: what was waited for is there. `nothing`: the search ended without it. `lately`: it ended without it a moment
 * ago, and was not begun again. `none`: there was no peer to ask, or too many searches are under way.
 */
export type SearchOutcome = 'found' | 'nothing' | 'lately' | 'none'

export interface SearchOptions {
  /** Ends the wait; the search too, when no other query waits for it. */
  readonly signal: CancelSignal
  /** Whether the caller has what it needs; asked after each node that was found. */
  readonly until: () => boolean
}

export interface ModelSearchComponents {
  readonly lookup: Pick<DhtLookup, 'all'>
  /** Nodes that serve the model as far as is known, and are not connected. */
  readonly known: (model: string) => readonly PeerHint[]
  /** Connects to a node and takes in its card. Settles when that is done or failed; never rejects. */
  readonly meet: (hint: PeerHint, signal: AbortSignal) => Promise<void>
  /** Whether any peer is connected: a node alone has none to ask. */
  readonly hasPeers: () => boolean
  readonly clock: Clock
  readonly log: Logger
}

export interface ModelSearchInit {
  /** Longest time of one search, milliseconds. @default SEARCH_MS */
  readonly searchMs?: number
}

interface SearchWaiter {
  readonly until: () => boolean
  readonly settle: (outcome: SearchOutcome) => void
}

/** A search under way. */
interface Search {
  readonly waiters: Set<SearchWaiter>
  /** Whether each walk was answered: only then it is known that there is nothing. */
  answered: boolean
  /** Ends it. */
  readonly abort: () => void
}

export class ModelSearch implements Startable {
  readonly #components: ModelSearchComponents
  readonly #searchMs: number
  /** By canonical name. */
  readonly #searches = new Map<string, Search>()
  /** When nothing was found, by canonical name; monotonic. */
  readonly #nothing = new LRUCache<string, number>({ max: MAX_NOTHING_FOUND })
  #tokens: Bucket | undefined
  #stopping = linkedAbort()

  constructor(components: ModelSearchComponents, init: ModelSearchInit = {}) {
    this.#components = components
    this.#searchMs = init.searchMs ?? SEARCH_MS
  }

  async start(): Promise<void> {
    if (this.#stopping.signal.aborted) this.#stopping = linkedAbort()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
  }

  /**
   * Searches for a model and waits until the caller has what it needs, or the search is over. Rejects with the reason
   * of `signal` only.
   */
  async search(model: string, { signal, until }: SearchOptions): Promise<SearchOutcome> {
    signal.throwIfAborted()
    const name = canonicalModelName(model)
    const search = this.#searches.get(name)
    if (search !== undefined) return await waitFor(search, signal, until)
    const now = this.#components.clock.monotonic()
    if (now - (this.#nothing.get(name) ?? Number.NEGATIVE_INFINITY) < NOTHING_FOUND_MS) return 'lately'
    this.#tokens ??= fullBucket(SEARCH_RULE, now)
    if (this.#stopping.signal.aborted || !this.#components.hasPeers()) return 'none'
    if (!takeToken(this.#tokens, SEARCH_RULE, now)) return 'none'
    return await waitFor(this.#begin(name), signal, until)
  }

  #begin(name: string): Search {
    const life = linkedAbort(this.#stopping.signal)
    const forget = (): void => {
      if (this.#searches.get(name) === search) this.#searches.delete(name)
    }
    const abort = (): void => {
      forget()
      life.abort()
    }
    const search: Search = { waiters: new Set(), answered: false, abort }
    this.#searches.set(name, search)
    void this.#run(name, search, life.signal).finally(() => {
      forget()
      life.release()
    })
    return search
  }

  async #run(name: string, search: Search, signal: CancelSignal): Promise<void> {
    const { clock, log } = this.#components
    const startedAt = clock.monotonic()
    let met = 0
    const onMet = (): void => {
      met += 1
      for (const waiter of search.waiters) if (waiter.until()) waiter.settle('found')
    }
    const look = (limited: AbortSignal): Promise<void> => this.#look(name, search, limited, onMet)
    try {
      await withinLimit(signal, this.#searchMs, 'the search did not end', look, clock)
    } catch (error) {
      if (!signal.aborted) log.debug({ model: name, code: toRealmeshError(error).code }, 'search for a model cut short')
    }
    if (search.answered && search.waiters.size > 0 && !signal.aborted) this.#nothing.set(name, clock.monotonic())
    log.debug(
      { model: name, met, tookMs: Math.round(clock.monotonic() - startedAt) },
      'searched the network for a model',
    )
    for (const waiter of search.waiters) waiter.settle('nothing')
  }

  /** Asks the DHT, and meets those that it names, a few at a time, while it goes on. */
  async #look(name: string, search: Search, signal: AbortSignal, onMet: () => void): Promise<void> {
    const hints = new HintLines()
    for (const hint of this.#components.known(name)) hints.push(hint, KNOWN_LINE)
    // A walk may take all of the time.
    const options = { signal, limitMs: this.#searchMs, againMs: AGAIN_MS }
    void this.#components.lookup
      .all({ kind: 'model', name }, { ...options, onHint: (hint, bucket) => hints.push(hint, bucket) })
      .then((answered) => {
        search.answered = answered
      })
      .finally(() => hints.end())
    const meetings = new Set<Promise<void>>()
    for (let met = 0; met < MAX_MET && !signal.aborted; met += 1) {
      while (meetings.size >= MEET_AT_ONCE) await Promise.race(meetings)
      const next = await hints.next()
      if (next === undefined || signal.aborted) break
      const meeting = this.#components.meet(next.hint, signal).then(() => {
        meetings.delete(meeting)
        hints.done(next.bucket)
        onMet()
      })
      meetings.add(meeting)
    }
    await Promise.all(meetings)
  }
}

interface HintLine {
  readonly waiting: PeerHint[]
  /** How many were taken, and how many of them are not done. */
  taken: number
  open: number
}

/** Hints in a line for each key: the next is always of the key of which fewest were taken. */
class HintLines {
  readonly #lines = Array.from({ length: KNOWN_LINE + 1 }, (): HintLine => ({ waiting: [], taken: 0, open: 0 }))
  /** By node, the keys that named it. */
  readonly #named = new Map<string, readonly number[]>()
  #over = false
  #wake = (): void => {}

  /**
   * Kept unless this key named it before, or has named too many. Two keys may name one node: a liar's word, with a
   * false address, does not take the place of a true one.
   */
  push(hint: PeerHint, bucket: number): void {
    const line = this.#lines[bucket]
    const by = this.#named.get(hint.id) ?? []
    if (line === undefined || by.includes(bucket) || by.length >= MAX_NAMED_BY) return
    if (line.waiting.length + line.taken >= MAX_PROVIDERS_PER_KEY) return
    this.#named.set(hint.id, [...by, bucket])
    line.waiting.push(hint)
    this.#wake()
  }

  /** Waits for one of a key that has a place; undefined when there is none and nothing more comes. */
  async next(): Promise<{ readonly hint: PeerHint; readonly bucket: number } | undefined> {
    for (;;) {
      const free = this.#lines.filter(({ waiting, open }) => waiting.length > 0 && open < MEET_PER_KEY)
      const [line] = free.sort((a, b) => a.taken - b.taken)
      const hint = line?.waiting.shift()
      if (line !== undefined && hint !== undefined) {
        line.taken += 1
        line.open += 1
        return { hint, bucket: this.#lines.indexOf(line) }
      }
      if (this.#over && this.#lines.every(({ waiting }) => waiting.length === 0)) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  done(bucket: number): void {
    const line = this.#lines[bucket]
    if (line !== undefined) line.open -= 1
    this.#wake()
  }

  end(): void {
    this.#over = true
    this.#wake()
  }
}

/** Waits for a search. When its last waiter leaves it has no purpose any more. */
function waitFor(search: Search, signal: CancelSignal, until: () => boolean): Promise<SearchOutcome> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      signal.removeEventListener('abort', cancelled)
      search.waiters.delete(waiter)
      if (search.waiters.size === 0) search.abort()
    }
    const cancelled = (): void => {
      leave()
      reject(signal.reason)
    }
    const waiter: SearchWaiter = {
      until,
      settle: (outcome) => {
        leave()
        resolve(outcome)
      },
    }
    search.waiters.add(waiter)
    signal.addEventListener('abort', cancelled, { once: true })
  })
}
