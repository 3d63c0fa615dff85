/** Peers that this node has met, so that it finds the swarm again when every bootstrap peer is gone. Bounded; the oldest go. */
import { keyOf } from '../rows/keys.ts'
import type { Shard } from '../shard/shard.ts'

/** Peers remembered at most. */
export const MAX_PEERS = 10_000
/** Addresses kept of one peer (facts of go-libp2p's CVE-2023-40583: unbounded lists end a node). */
export const MAX_ADDRESSES = 8
const MAX_ADDRESS_LENGTH = 512
const MAX_PEER_ID_LENGTH = 256

export interface RememberedPeer {
  readonly id: string
  readonly addresses: readonly string[]
  /** Wall clock of the last contact, milliseconds. */
  readonly seenAt: number
  readonly federation?: string
}

const PREFIX = 'p/'
const rowOf = (id: string): string => `${PREFIX}${keyOf(id)}`

export class PeerMemory {
  readonly #node: Shard
  #known: Map<string, number> | undefined

  constructor(components: { readonly node: Shard }) {
    this.#node = components.node
  }

  /** Remembers peers; of more than fit the longest unseen go. Ids and addresses that are too long are passed over. */
  async remember(peers: readonly RememberedPeer[]): Promise<void> {
    const known = await this.#load()
    const fresh = peers
      .filter(({ id }) => id.length <= MAX_PEER_ID_LENGTH)
      .map((peer) => ({
        ...peer,
        addresses: peer.addresses.filter((address) => address.length <= MAX_ADDRESS_LENGTH).slice(0, MAX_ADDRESSES),
      }))
    for (const peer of fresh) known.set(rowOf(peer.id), peer.seenAt)
    const gone = [...known].sort((a, b) => b[1] - a[1]).slice(MAX_PEERS)
    for (const [row] of gone) known.delete(row)
    await this.#node.transact({
      reads: [],
      apply: (view) => {
        for (const peer of fresh) if (known.has(rowOf(peer.id))) view.write(rowOf(peer.id), peer)
        for (const [row] of gone) view.remove(row)
      },
    })
  }

  /** Remembered peers, last seen first. */
  async recent(limit = 100): Promise<readonly RememberedPeer[]> {
    const rows = [...(await this.#load())].sort((a, b) => b[1] - a[1]).slice(0, limit)
    const peers = await this.#node.getMany<RememberedPeer>(rows.map(([row]) => row))
    return peers.filter((peer) => peer !== undefined)
  }

  async forget(id: string): Promise<void> {
    ;(await this.#load()).delete(rowOf(id))
    await this.#node.transact({
      reads: [],
      apply: (view) => {
        view.remove(rowOf(id))
      },
    })
  }

  /** Row and time of last contact of all remembered peers. */
  async #load(): Promise<Map<string, number>> {
    if (this.#known !== undefined) return this.#known
    const rows = await this.#node.range<RememberedPeer>({ gte: PREFIX, lt: 'p0', limit: MAX_PEERS })
    this.#known = new Map(rows.map(({ key, value }) => [key, value.seenAt]))
    return this.#known
  }
}
