/**
 * What was used of peers and served to them. Events are append-only; the totals are their fold, written in the same commit. What
 * users of this node used lies in their shards (so it is atomic with the query), what was served lies in the node's own store.
 */
import { randomUUID } from 'node:crypto'
import type { Shard } from '../shard/shard.ts'
import type { TransactionView } from '../shard/transaction.ts'
import { keyAfter, prefixEnd } from '../store/shard-store.ts'
import { addTotals, foldPeer, type PeerTotals, type ServedEvent, type UsedEvent } from './account.ts'
import { keyOf, LEDGER_PREFIX, usedKey } from './keys.ts'

const servedKey = (peer: string, id: string): string => `s/${keyOf(peer)}/${keyOf(id)}`
const SERVED_TOTALS = 't/'
const servedTotalsKey = (peer: string): string => `${SERVED_TOTALS}${keyOf(peer)}`

/** Both directions between this node and a peer. */
export interface PeerBalance {
  readonly peer: string
  readonly used?: PeerTotals
  readonly served?: PeerTotals
}

/** Key that a transaction must name in `reads` to call `foldUsed`. */
export function usedReads(event: Pick<UsedEvent, 'peer'>): readonly string[] {
  return event.peer === undefined ? [] : [usedKey(event.peer)]
}

/** Adds one query to what this shard's users used of the peer that served it. */
export function foldUsed(view: TransactionView, event: UsedEvent): void {
  const { peer } = event
  if (peer === undefined) return
  const key = usedKey(peer)
  view.write(key, foldPeer(view.read<PeerTotals>(key), { ...event, peer }))
}

async function* totalsIn(shard: Shard, prefix: string): AsyncGenerator<{ key: string; value: PeerTotals }> {
  let gte = prefix
  for (;;) {
    const page = await shard.range<PeerTotals>({ gte, lt: prefixEnd(prefix), limit: 500 })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < 500) return
    gte = keyAfter(last.key)
  }
}

/** Noted in a drained shard before its totals are added elsewhere. */
const MERGE_KEY = 'x/merge'

interface Merge {
  readonly id: string
}

/**
 * Moves the totals of a drained shard into another. The two stores do not commit together, so the merge has an id: the source keeps
 * it until its totals are gone, the target remembers it with the sum. A second run after a crash adds nothing twice.
 */
export async function mergeUsed(from: Shard, to: Shard): Promise<void> {
  const found: { key: string; value: PeerTotals }[] = []
  for await (const entry of totalsIn(from, LEDGER_PREFIX)) found.push(entry)
  if (found.length === 0) return
  const { id } = await from.transact({
    reads: [MERGE_KEY],
    apply: (view) => {
      const merge = view.read<Merge>(MERGE_KEY) ?? { id: randomUUID() }
      view.write(MERGE_KEY, merge)
      return merge
    },
  })
  const receipt = `x/${id}`
  await to.transact({
    reads: [receipt, ...found.map(({ key }) => key)],
    apply: (view) => {
      if (view.read(receipt) !== undefined) return
      for (const { key, value } of found) view.write(key, addTotals(view.read<PeerTotals>(key), value))
      view.write(receipt, { entries: found.length })
    },
  })
  await from.transact({
    reads: [],
    apply: (view) => {
      for (const { key } of found) view.remove(key)
      view.remove(MERGE_KEY)
    },
  })
  await to.transact({
    reads: [],
    apply: (view) => {
      view.remove(receipt)
    },
  })
}

export interface LedgerComponents {
  /** The node's own store. */
  readonly node: Shard
  readonly shards: () => readonly Shard[]
}

export interface LedgerInit {
  /** How long the record of a served query may wait for company, milliseconds. @default 2000 */
  readonly patienceMs?: number
}

export class Ledger {
  readonly #node: Shard
  readonly #patienceMs: number
  readonly #shards: () => readonly Shard[]

  constructor(components: LedgerComponents, init: LedgerInit = {}) {
    this.#patienceMs = init.patienceMs ?? LEDGER_PATIENCE_MS
    this.#node = components.node
    this.#shards = components.shards
  }

  /** Notes a query that this node served for a peer. A second note of the same id changes nothing and resolves to false. */
  async recordServed(id: string, event: ServedEvent): Promise<boolean> {
    const row = servedKey(event.peer, id)
    const totals = servedTotalsKey(event.peer)
    return await this.#node.transact({
      reads: [row, totals],
      patienceMs: this.#patienceMs,
      apply: (view) => {
        if (view.read(row) !== undefined) return false
        view.create(row, event)
        view.write(totals, foldPeer(view.read<PeerTotals>(totals), event))
        return true
      },
    })
  }

  /** All peers with which anything was exchanged, over all shards in service. */
  async balances(): Promise<readonly PeerBalance[]> {
    const all = new Map<string, { used?: PeerTotals; served?: PeerTotals }>()
    const at = (peer: string): { used?: PeerTotals; served?: PeerTotals } => {
      const entry = all.get(peer) ?? {}
      all.set(peer, entry)
      return entry
    }
    await Promise.all([this.#node, ...this.#shards()].map((shard) => shard.flush()))
    for (const shard of this.#shards()) {
      for await (const { value } of totalsIn(shard, LEDGER_PREFIX)) {
        const entry = at(value.peer)
        entry.used = addTotals(entry.used, value)
      }
    }
    for await (const { value } of totalsIn(this.#node, SERVED_TOTALS)) at(value.peer).served = value
    return [...all].map(([peer, entry]) => ({ peer, ...entry }))
  }
}

/**
 * Accounting is written behind the answer, so it may wait longer for company than a person does. A commit costs as much CPU as fifty
 * records (two syncs); two seconds make that small at a hundred queries per second and four shards. It is also what a power cut may
 * take of what was not yet acknowledged. Reads of history and balances do not wait.
 */
export const LEDGER_PATIENCE_MS = 2_000
