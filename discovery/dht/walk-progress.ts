/**
 * Where a walk towards a DHT key stands. A record lies with the peers nearest to its key; once some of them have
 * answered, the others would say the same. kad-dht goes on until all of them have, which costs several times as much
 * for every key under which nothing is.
 */
import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { dhtPlaceOf, distanceTo } from './distance.ts'

/** Peers that hold a record: the `k` of our kad-dht. */
export const HOLDERS = 20
/**
 * Answers of such peers that settle a walk: where a third of them came after the record was written, five miss it once
 * in 250 walks.
 */
export const ANSWERS_TO_SETTLE = 5

export class WalkProgress {
  readonly #target: Buffer
  /** Distance to the key by peer id. */
  readonly #seen = new Map<string, Buffer>()
  readonly #answered = new Set<string>()

  constructor(key: CID) {
    this.#target = dhtPlaceOf(key.multihash.bytes)
  }

  /** A peer has answered, and named peers that are nearer to the key than others it knows. */
  answered(from: PeerId, nearer: readonly PeerId[]): void {
    this.#see(from)
    this.#answered.add(from.toString())
    for (const peer of nearer.slice(0, HOLDERS)) this.#see(peer)
  }

  /** Whether enough of the peers that are nearest to the key, of all that were seen, have answered. */
  get settled(): boolean {
    if (this.#answered.size < ANSWERS_TO_SETTLE) return false
    const nearest = [...this.#seen].sort(([, a], [, b]) => Buffer.compare(a, b)).slice(0, HOLDERS)
    return nearest.filter(([peer]) => this.#answered.has(peer)).length >= ANSWERS_TO_SETTLE
  }

  #see(peer: PeerId): void {
    const id = peer.toString()
    if (!this.#seen.has(id)) this.#seen.set(id, distanceTo(this.#target, peer.toMultihash().bytes))
  }
}
