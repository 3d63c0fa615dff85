/**
 * What libp2p keeps: in memory, and of the records that peers put into the DHT only so many per peer and in all. The
 * oldest give way; honest ones come again.
 */
import { MemoryDatastore } from 'datastore-core'
import { LRUCache } from 'lru-cache'

/** Records of all peers: a hundred nodes with a hundred models each, in some 5 MB; each look-up goes through them. */
export const MAX_RECORDS = 10_000

/** Records of one peer: a hundred models, some realms, and as many again that it offered until lately. */
export const MAX_RECORDS_PER_PEER = 256

/** As libp2p's DHT writes them: `/dht/provider/KEY/PEER`. */
const PROVIDER = /^\/dht\/provider\/.*\/([^/]+)$/

type Key = Parameters<MemoryDatastore['put']>[0]

export interface BoundedRecordsInit {
  /** @default MAX_RECORDS */
  readonly maxRecords?: number
  /** @default MAX_RECORDS_PER_PEER */
  readonly maxPerPeer?: number
}

export class BoundedRecords extends MemoryDatastore {
  readonly #perPeer: number
  /** By text. */
  readonly #records: LRUCache<string, Key>
  /** Their texts by peer, the oldest first. */
  readonly #byPeer = new Map<string, Set<string>>()

  constructor(init: BoundedRecordsInit = {}) {
    super()
    this.#perPeer = init.maxPerPeer ?? MAX_RECORDS_PER_PEER
    this.#records = new LRUCache<string, Key>({
      max: init.maxRecords ?? MAX_RECORDS,
      dispose: (key, _text, reason) => {
        if (reason !== 'set') this.#forget(key)
      },
    })
  }

  override put(...args: Parameters<MemoryDatastore['put']>): ReturnType<MemoryDatastore['put']> {
    this.#note(args[0])
    return super.put(...args)
  }

  override delete(...args: Parameters<MemoryDatastore['delete']>): void {
    this.#records.delete(args[0].toString())
    super.delete(...args)
  }

  #note(key: Key): void {
    const text = key.toString()
    const peer = peerOf(text)
    if (peer === undefined) return
    const texts = this.#byPeer.get(peer) ?? new Set()
    this.#byPeer.set(peer, texts)
    texts.delete(text)
    texts.add(text)
    this.#records.set(text, key)
    const [oldest] = texts
    if (texts.size > this.#perPeer && oldest !== undefined) this.#records.delete(oldest)
  }

  /** The record is no longer counted, and no longer kept. */
  #forget(key: Key): void {
    const text = key.toString()
    const peer = peerOf(text) ?? ''
    const texts = this.#byPeer.get(peer)
    if (texts?.delete(text) === true && texts.size === 0) this.#byPeer.delete(peer)
    super.delete(key)
  }
}

/** Whose record it is; undefined for what is none. */
function peerOf(text: string): string | undefined {
  return PROVIDER.exec(text)?.[1]
}
