/**
 * Decides about every gossiped load record: denied → size → rates → parse → author → sequence → time → signature,
 * cheapest first. State only grows by accepted records, so junk and forgeries leave nothing behind. Time is an
 * argument.
 */
import { LRUCache } from 'lru-cache'
import type { NodeLoad } from '../../core/model/load.ts'
import { type Bucket, fullBucket, hasToken, takeToken } from '../../core/run/token-bucket.ts'
import {
  ACCEPTED_RULE,
  AUTHOR_RULE,
  EXCESS_RULE,
  LOAD_REFUSALS,
  type LoadRefusal,
  MAX_AUTHORS,
  MAX_NEIGHBOURS,
  MAX_SKEW_MS,
  NEIGHBOUR_RULE,
  STRIKE_RULE,
} from './load-limits.ts'

/** What a record says; `node` is proved only after `open`. */
export interface LoadStatement {
  /** Peer id of the node that speaks. */
  readonly node: string
  readonly load: NodeLoad
}

export interface LoadValidatorComponents {
  /** Told how far the clock of a neighbour is ahead of ours, in milliseconds, by its own word. */
  readonly onClock?: (peer: string, skewMs: number) => void
  /** Reads a record without checking its signature. Throws when it is malformed. */
  peek(bytes: Uint8Array): { readonly node: string; readonly seq: number; readonly at: number }
  /** Reads a record and checks its signature. Throws when it is not the node's own. */
  open(bytes: Uint8Array): LoadStatement | Promise<LoadStatement>
  isDenied(peer: string): boolean
}

export interface LoadValidatorInit {
  /** Own peer id. */
  readonly self: string
  /** Largest record, bytes. */
  readonly maxBytes: number
}

/** One gossip message. */
export interface LoadMessage {
  /** The neighbour that handed it over. */
  readonly neighbour: string
  /** The peer that the message says it is from. */
  readonly author: string
  readonly data: Uint8Array
}

export interface Instant {
  readonly monotonic: number
  readonly wall: number
}

export type LoadVerdict =
  | { readonly kind: 'accept'; readonly statement: LoadStatement }
  | {
      readonly kind: 'refuse'
      readonly reason: LoadRefusal
      /** The neighbour has gone too far: cut its connections at once and deny it. */
      readonly cut: boolean
    }

interface AuthorState {
  seq: number
  readonly bucket: Bucket
}

interface NeighbourState {
  readonly all: Bucket
  readonly strikes: Bucket
  readonly excess: Bucket
}

export class LoadValidator {
  readonly #components: LoadValidatorComponents
  readonly #self: string
  readonly #maxBytes: number
  readonly #authors = new LRUCache<string, AuthorState>({ max: MAX_AUTHORS })
  readonly #neighbours = new LRUCache<string, NeighbourState>({ max: MAX_NEIGHBOURS })
  #accepted: Bucket | undefined

  constructor(components: LoadValidatorComponents, init: LoadValidatorInit) {
    this.#components = components
    this.#self = init.self
    this.#maxBytes = init.maxBytes
  }

  /** Authors of which something is kept. */
  get authors(): number {
    return this.#authors.size
  }

  /**
   * Judges one message. Everything before the signature is synchronous, a cut included, unless the signature is what is
   * wrong.
   */
  judge(message: LoadMessage, now: Instant): LoadVerdict | Promise<LoadVerdict> {
    const refusal = this.#beforeSignature(message, now)
    if (refusal !== undefined) return this.#refuse(refusal, message, now)
    return this.#bySignature(message, now)
  }

  #beforeSignature(message: LoadMessage, now: Instant): LoadRefusal | undefined {
    const { neighbour, author, data } = message
    if (this.#components.isDenied(neighbour)) return 'denied'
    if (!takeToken(this.#neighbour(neighbour, now).all, NEIGHBOUR_RULE, now.monotonic)) return 'neighbour-over-rate'
    if (data.byteLength > this.#maxBytes) return 'too-large'
    if (author === this.#self) return 'own'
    const known = this.#authors.peek(author)
    if (known !== undefined && !hasToken(known.bucket, AUTHOR_RULE, now.monotonic)) return 'over-rate'
    const claim = this.#peek(data)
    if (claim === undefined) return 'malformed'
    if (claim.node !== author) return 'wrong-author'
    // Only what the connection itself proves: what others pass on is not signed for yet.
    if (neighbour === author) this.#components.onClock?.(author, claim.at - now.wall)
    if (known !== undefined && claim.seq <= known.seq) return 'not-newer'
    if (Math.abs(claim.at - now.wall) > MAX_SKEW_MS) return 'skewed'
    this.#accepted ??= fullBucket(ACCEPTED_RULE, now.monotonic)
    return hasToken(this.#accepted, ACCEPTED_RULE, now.monotonic) ? undefined : 'swarm-over-rate'
  }

  async #bySignature(message: LoadMessage, now: Instant): Promise<LoadVerdict> {
    let statement: LoadStatement
    try {
      statement = await this.#components.open(message.data)
    } catch {
      return this.#refuse('bad-signature', message, now) // counted and reported by its reason
    }
    if (statement.node !== message.author) return this.#refuse('wrong-author', message, now)
    const late = this.#accept(statement, now)
    return late === undefined ? { kind: 'accept', statement } : this.#refuse(late, message, now)
  }

  /** Takes the record in. Asks again what may have changed while the signature was checked. */
  #accept({ node, load }: LoadStatement, now: Instant): LoadRefusal | undefined {
    const author = this.#authors.get(node) ?? {
      seq: Number.NEGATIVE_INFINITY,
      bucket: fullBucket(AUTHOR_RULE, now.monotonic),
    }
    if (load.seq <= author.seq) return 'not-newer'
    if (!takeToken(author.bucket, AUTHOR_RULE, now.monotonic)) return 'over-rate'
    if (this.#accepted !== undefined) takeToken(this.#accepted, ACCEPTED_RULE, now.monotonic)
    author.seq = load.seq
    this.#authors.set(node, author)
    return undefined
  }

  #refuse(reason: LoadRefusal, message: LoadMessage, now: Instant): LoadVerdict {
    const { strike } = LOAD_REFUSALS[reason]
    const state = this.#neighbour(message.neighbour, now)
    let cut = false
    if (reason === 'neighbour-over-rate') cut = !takeToken(state.excess, EXCESS_RULE, now.monotonic)
    if (strike === 'always' || (strike === 'author' && message.author === message.neighbour)) {
      cut = !takeToken(state.strikes, STRIKE_RULE, now.monotonic)
    }
    return { kind: 'refuse', reason, cut }
  }

  #neighbour(id: string, now: Instant): NeighbourState {
    let state = this.#neighbours.get(id)
    if (state === undefined) {
      state = {
        all: fullBucket(NEIGHBOUR_RULE, now.monotonic),
        strikes: fullBucket(STRIKE_RULE, now.monotonic),
        excess: fullBucket(EXCESS_RULE, now.monotonic),
      }
      this.#neighbours.set(id, state)
    }
    return state
  }

  #peek(data: Uint8Array): ReturnType<LoadValidatorComponents['peek']> | undefined {
    try {
      return this.#components.peek(data)
    } catch {
      return undefined // reported as `malformed`
    }
  }
}
