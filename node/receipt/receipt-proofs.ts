/**
 * Proves receipts. What a peer signed is held against what came from it with every answer; its signature costs a fifth
 * of the whole query, so it is checked when the receipt is read, and of one answer in sixteen read or not.
 */
import type { KeyObject } from 'node:crypto'
import { peerIdFromString } from '@libp2p/peer-id'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../core/logger.ts'
import type { Attempt, RouteReceipt, ServedPart, Verified } from '../../core/query/receipt.ts'
import { ed25519PublicKey, type Signer } from './ed25519-signer.ts'
import { signServedParts, verifyServedPart } from './part-signature.ts'

/** One part of this many is verified though nobody reads its receipt: a node that signs wrongly is found out soon. */
export const SIGNATURE_SAMPLE = 16

/** Peers whose key is at hand, and those whom the log has named. */
const MAX_KNOWN_PEERS = 512

export interface ReceiptProofsComponents {
  /** Signs this node's own parts. */
  readonly signer: Signer
  /** A part was found wrong when its receipt was read: to be held against the node that signed it. */
  readonly onWrong: (part: ServedPart, node: string) => void
  readonly log: Pick<Logger, 'warn'>
  /** 0 to 1. */
  readonly random: () => number
}

export interface ReceiptProofsInit {
  /** This node's peer id. */
  readonly self: string
}

export class ReceiptProofs {
  readonly #components: ReceiptProofsComponents
  readonly #self: string
  readonly #keys = new LRUCache<string, KeyObject>({ max: MAX_KNOWN_PEERS })
  readonly #named = new LRUCache<string, true>({ max: MAX_KNOWN_PEERS })
  /** Attempts whose wrong part was told when it was read: reading again blames nobody again. */
  readonly #blamed = new WeakSet<Attempt>()

  constructor(components: ReceiptProofsComponents, { self }: ReceiptProofsInit) {
    this.#components = components
    this.#self = self
  }

  /**
   * What is known of a peer's part when its answer ends; undefined while its signature was not looked at.
   * `contradicted`: it does not fit what came.
   */
  taken(id: string, peer: string, part: ServedPart, contradicted: boolean): Verified | undefined {
    const looks = !contradicted && this.#components.random() * SIGNATURE_SAMPLE < 1
    const verified = contradicted ? 'wrong' : looks ? this.#verify(id, peer, part) : undefined
    if (verified === 'wrong') this.#name(peer)
    return verified
  }

  /**
   * The receipt with this node's own parts signed and those of others verified. It happens when the receipt is read:
   * most are never read.
   */
  proved(receipt: RouteReceipt): RouteReceipt {
    const attempts = receipt.attempts.map((attempt) => this.#provedAttempt(receipt.id, attempt))
    return { ...receipt, attempts, verified: verdictOf(receipt, attempts) }
  }

  #provedAttempt(id: string, attempt: Attempt): Attempt {
    const { served, node } = attempt
    if (served === undefined || attempt.verified !== undefined) return attempt
    if (node === this.#self) {
      const [signed = served] = signServedParts([{ id, part: served }], this.#components.signer)
      return { ...attempt, served: signed, verified: 'yes' }
    }
    const verified = this.#verify(id, node, served)
    if (verified === 'wrong' && !this.#blamed.has(attempt)) {
      this.#blamed.add(attempt)
      this.#name(node)
      this.#components.onWrong(served, node)
    }
    return { ...attempt, verified }
  }

  #verify(id: string, peer: string, part: ServedPart): Verified {
    if (part.signature !== undefined && part.node !== peer) return 'wrong'
    return verifyServedPart(id, part, this.#keyOf(peer))
  }

  /** The key that a peer id is; undefined for ids of other kinds than Ed25519. */
  #keyOf(peer: string): KeyObject | undefined {
    const known = this.#keys.get(peer)
    if (known !== undefined) return known
    const { publicKey } = peerIdFromString(peer)
    if (publicKey?.type !== 'Ed25519') return undefined
    const key = ed25519PublicKey(publicKey.raw)
    this.#keys.set(peer, key)
    return key
  }

  /** The log names a peer once. */
  #name(peer: string): void {
    if (this.#named.has(peer)) return
    this.#named.set(peer, true)
    this.#components.log.warn({ peer }, 'a peer signed a receipt that does not fit its answer')
  }
}

/** Of the whole receipt: an answer that went on elsewhere has parts that nobody signed. */
function verdictOf({ outcome }: RouteReceipt, attempts: readonly Attempt[]): Verified {
  if (attempts.some(({ verified }) => verified === 'wrong')) return 'wrong'
  const told = attempts.filter(({ events, served }) => events > 0 || served !== undefined)
  const proved = told.length > 0 && told.every(({ verified }) => verified === 'yes')
  return outcome === 'served' && proved ? 'yes' : 'no'
}
