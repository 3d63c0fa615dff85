/**
 * What the user data costs: acknowledged synced writes by group commit against one-by-one synced puts in turns of the
 * same run, reading a user's last ten queries with a million rows stored, alone and while queries are recorded, and the
 * CPU that the accounting of one query takes, as the node does it.
 */
import '../../core/node20-shim.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Level } from 'level'
import { silentLogger } from '../../core/logger.ts'
import type { ChatQuery } from '../../core/query/query.ts'
import { RECEIPT_VERSION, type RouteReceipt } from '../../core/query/receipt.ts'
import { systemClock } from '../../core/run/clock.ts'
import { Accounting } from '../../node/query/accounting.ts'
import { queryKeys, userRef } from '../../storage/rows/keys.ts'
import { type FinishedQuery, queryRow } from '../../storage/rows/query-row.ts'
import { UserData } from '../../storage/user-data.ts'
import { ACCOUNTING_PATIENCE_MS } from '../../storage/users/query-history.ts'

/** Rows of the read test; `BENCH_STORAGE_ROWS` sets another number. A query makes one, a user one. */
const ROWS = Number(process.env['BENCH_STORAGE_ROWS'] ?? 1_000_000)
const QUERIES_PER_USER = 50
/** Writers at once: as many queries as may end in one window of a busy node. */
const WRITERS = 256
const ROUNDS = 5
const ROUND_MS = 800
const READS = 5_000
/** Reads before those that count: what is measured is a node that runs, not its compiler. */
const WARM_READS = 1_000
/** Queries recorded per second beside the second series of reads. */
const BESIDE_PER_SECOND = 200
/** Queries per second of the paced accounting test, and the turns of its median. */
const RATES = [100, 1_000] as const
/** A multiple of the accounting's patience, so that each turn holds as many commits as it should. */
const RATE_MS = 2 * ACCOUNTING_PATIENCE_MS
const IDLE_MS = 2_000
const RATE_ROUNDS = 3
/** Windows of each rate in the test that depends on neighbours the least. */
const WINDOW_ROUNDS = 60
/**
 * CPU of one request at full speed with a local worker, accounts included, as `npm run bench` printed it last
 * (PERFORMANCE.md).
 */
const REQUEST_US = 277
const GOAL_SHARE = 0.08

interface Times {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

interface StorageResult {
  /** One after another, each synced: the median round, per second. */
  readonly singlePutsPerSecond: number
  /** Acknowledged after a sync, by group commit. */
  readonly groupedWritesPerSecond: number
  readonly ratio: number
  readonly rows: number
  readonly lastTenMs: Times
  /** The same while queries are recorded. */
  readonly lastTenBesideMs: Times
  /** CPU microseconds that the accounting of one query takes, threads of the store included, per queries per second. */
  readonly accountingUs: Readonly<Record<string, number>>
  /** The same while the queries of a commit come at once: without what pacing costs, and steady on a busy machine. */
  readonly accountingWindowUs: Readonly<Record<string, number>>
  /** Opening and checking all of it, milliseconds. */
  readonly openMs: number
}

function query(id: string, at: number): FinishedQuery {
  return {
    id,
    type: 'chat',
    realm: '$CHAT',
    model: 'llama3.1:8b',
    modelServed: 'llama3.1:8b',
    startedAt: at,
    tookMs: 1_234,
    promptTokens: 321,
    completionTokens: 123,
    cost: 0.0112,
    outcome: 'served',
    peer: '12D3KooWGRUfJ1xq8nCKKmFsGqzYBkyKgUHxMf2sCGz9Jmyaa111',
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

function openIn(home: string): UserData {
  return new UserData({}, { home, reserveBytes: 0, retentionEveryMs: 0 })
}

async function singlePuts(db: Level<string, Buffer>, value: Buffer): Promise<number> {
  const begun = performance.now()
  let puts = 0
  for (; performance.now() - begun < ROUND_MS; puts += 1) await db.put(`k${Math.random()}`, value, { sync: true })
  return puts / ((performance.now() - begun) / 1_000)
}

async function groupedWrites(data: UserData): Promise<number> {
  const shard = data.shards.shards()[0]
  if (shard === undefined) throw new Error('no shard')
  const value = { text: 'x'.repeat(280) }
  const begun = performance.now()
  let writes = 0
  const writer = async (): Promise<void> => {
    for (; performance.now() - begun < ROUND_MS; writes += 1) {
      const key = `z/${Math.random()}`
      await shard.transact({ reads: [], apply: (view) => view.write(key, value) })
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return writes / ((performance.now() - begun) / 1_000)
}

async function compareWrites(home: string): Promise<{ single: number; grouped: number }> {
  const db = new Level<string, Buffer>(join(home, 'single'), { valueEncoding: 'buffer' })
  await db.open()
  const data = openIn(join(home, 'grouped'))
  await data.start()
  const single: number[] = []
  const grouped: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    single.push(await singlePuts(db, Buffer.alloc(300, 'x')))
    grouped.push(await groupedWrites(data))
  }
  await db.close()
  await data.stop()
  return { single: median(single), grouped: median(grouped) }
}

/** The rows that recording the queries one by one would leave, many in a commit: filling is not what is measured. */
async function fill(data: UserData): Promise<readonly string[]> {
  const users = Math.ceil(ROWS / (1 + QUERIES_PER_USER))
  const guids = Array.from({ length: users }, (_, n) => `bench user ${n}`)
  for (let from = 0; from < users; from += 200) {
    const some = guids.slice(from, from + 200)
    await Promise.all(some.map((guid) => data.user(guid)))
    await Promise.all(some.map((guid) => fillUser(data, guid)))
  }
  return guids
}

async function fillUser(data: UserData, guid: string): Promise<void> {
  const user = userRef(guid)
  await data.shards.transact(user, {
    reads: [],
    apply: (view) => {
      for (let n = 0; n < QUERIES_PER_USER; n += 1) {
        const record = query(`${guid} ${n}`, 1e12 + n * 60_000)
        const rows = queryKeys(user.key, record.startedAt, record.id)
        view.create(rows.query, queryRow(record, false, undefined))
      }
    },
  })
}

async function readLastTen(data: UserData, guids: readonly string[], reads: number): Promise<Times> {
  const times: number[] = []
  for (let read = 0; read < reads; read += 1) {
    const guid = guids[Math.floor(Math.random() * guids.length)] ?? ''
    const begun = performance.now()
    const found = await data.queries(guid, { limit: 10 })
    times.push(performance.now() - begun)
    if (found.length !== 10) throw new Error('a user has fewer queries than were recorded')
  }
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(reads * share)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? 0 }
}

/** Reads while other queries of the same users are recorded; a reader must not wait for the records of others. */
async function readBeside(data: UserData, guids: readonly string[]): Promise<Times> {
  const failures: unknown[] = []
  let recorded = 0
  const timer = setInterval(() => {
    for (let n = 0; n < BESIDE_PER_SECOND / 100; n += 1) {
      recorded += 1
      const guid = guids[(recorded * 7) % guids.length] ?? ''
      data.recordQuery(guid, query(`beside ${recorded}`, Date.now())).catch((thrown: unknown) => failures.push(thrown))
    }
  }, 10)
  const times = await readLastTen(data, guids, READS)
  clearInterval(timer)
  await data.flush()
  if (failures.length > 0) throw failures[0]
  return times
}

/** CPU microseconds of this process per call while `each` is called at a rate; the ticking itself included. */
async function cpuAtRate(perSecond: number, ms: number, each: () => void): Promise<number> {
  const before = process.cpuUsage()
  const begun = performance.now()
  let calls = 0
  while (performance.now() - begun < ms) {
    const due = ((performance.now() - begun) / 1_000) * perSecond
    for (; calls < due; calls += 1) each()
    await delay(5)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

/** As many users as a home node has at a time. */
const RATE_USERS = 20

function endedQuery(id: string): { readonly query: ChatQuery; readonly receipt: RouteReceipt } {
  const { type, realm, model, modelServed, peer = '', startedAt, tookMs } = query(id, Date.now())
  const tokens = { promptTokens: 321, completionTokens: 123 }
  return {
    query: {
      id,
      type: 'chat',
      realm,
      model,
      scope: 'home',
      hopsLeft: 1,
      user: `rate user ${Math.floor(Math.random() * RATE_USERS)}`,
      body: { messages: [{ role: 'user', content: 'how are you?' }] },
    },
    receipt: {
      version: RECEIPT_VERSION,
      id,
      type: type as 'chat',
      realm,
      scope: 'home',
      modelAsked: model,
      modelServed: modelServed ?? model,
      attempts: [
        {
          node: peer,
          worker: 'w',
          startedMs: 0,
          tookMs,
          events: 8,
          outcome: 'served',
          ...tokens,
        },
      ],
      continued: false,
      hedged: false,
      at: startedAt,
      totalMs: tookMs,
      overheadUs: 100,
      outcome: 'served',
    },
  }
}

/** CPU microseconds per query while as many come at once as the accounting gathers at the rate, and go to the disk. */
async function cpuOfWindow(perSecond: number, each: () => void, settled: () => Promise<void>): Promise<number> {
  const queries = (perSecond * ACCOUNTING_PATIENCE_MS) / 1_000
  const before = process.cpuUsage()
  for (let n = 0; n < queries; n += 1) each()
  await settled()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / queries
}

interface AccountingCosts {
  readonly pacedUs: Readonly<Record<string, number>>
  readonly windowUs: Readonly<Record<string, number>>
}

/**
 * In a store of its own: compactions of the million rows would be charged to the queries. Idle and busy take turns,
 * and so do the rates.
 */
async function accounting(home: string): Promise<AccountingCosts> {
  const data = openIn(home)
  await data.start()
  const accounts = new Accounting(
    { data, clock: systemClock, log: silentLogger },
    { self: 'this node', prices: { perQuery: 0.01, perSecond: 0.001 } },
  )
  let made = 0
  const next = (): ReturnType<typeof endedQuery> => {
    made += 1
    return endedQuery(`query ${made} ${Math.random()}`)
  }
  const record = (): void => {
    const ended = next()
    accounts.open(ended.query, { idChosen: false }).ended(ended.receipt)
  }
  for (let n = 0; n < 5_000; n += 1) record()
  await accounts.settled()
  const windows = new Map<number, number[]>(RATES.map((rate) => [rate, []]))
  for (let round = 0; round < WINDOW_ROUNDS; round += 1) {
    for (const [rate, costs] of windows) {
      const made = await cpuOfWindow(rate, next, async () => {})
      costs.push((await cpuOfWindow(rate, record, () => accounts.settled())) - made)
    }
  }
  const pacedUs: Record<string, number> = {}
  for (const rate of RATES) {
    const rounds: number[] = []
    for (let round = 0; round < RATE_ROUNDS; round += 1) {
      const idle = await cpuAtRate(rate, IDLE_MS, next)
      await cpuAtRate(rate, ACCOUNTING_PATIENCE_MS, record)
      rounds.push((await cpuAtRate(rate, RATE_MS, record)) - idle)
      await accounts.settled()
    }
    pacedUs[String(rate)] = Math.round(median(rounds))
  }
  await data.stop()
  return {
    pacedUs,
    windowUs: Object.fromEntries([...windows].map(([rate, costs]) => [rate, Math.round(median(costs))])),
  }
}

/** About two minutes. */
async function benchStorage(): Promise<StorageResult> {
  const home = mkdtempSync(join(tmpdir(), 'realmesh-bench-storage-'))
  try {
    const { single, grouped } = await compareWrites(home)
    const accountingCosts = await accounting(join(home, 'rates'))
    const data = openIn(join(home, 'million'))
    await data.start()
    const guids = await fill(data)
    // What is measured is reading, not the compactions that a fast fill leaves behind.
    for (const shard of data.shards.shards()) await shard.reclaim('u/', 'v')
    await readLastTen(data, guids, WARM_READS)
    const lastTenMs = await readLastTen(data, guids, READS)
    const lastTenBesideMs = await readBeside(data, guids)
    const rows = data.shards.status().reduce((sum, { records }) => sum + records, 0)
    await data.stop()
    const begun = performance.now()
    await data.start()
    const openMs = performance.now() - begun
    await data.stop()
    return {
      singlePutsPerSecond: Math.round(single),
      groupedWritesPerSecond: Math.round(grouped),
      ratio: grouped / single,
      rows,
      lastTenMs,
      lastTenBesideMs,
      accountingUs: accountingCosts.pacedUs,
      accountingWindowUs: accountingCosts.windowUs,
      openMs,
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function print(result: StorageResult): void {
  const { lastTenMs, lastTenBesideMs, accountingUs, accountingWindowUs } = result
  console.log(`acknowledged synced writes   ${result.groupedWritesPerSecond}/s by group commit (${WRITERS} writers)`)
  console.log(
    `                             ${result.singlePutsPerSecond}/s one by one; ratio ${result.ratio.toFixed(1)} (wanted ≥ 5)`,
  )
  const times = ({ p50, p99 }: Times): string => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  console.log(`last ten queries of a user   ${times(lastTenMs)} with ${result.rows} rows (wanted p99 ≤ 2)`)
  console.log(`                             ${times(lastTenBesideMs)} while ${BESIDE_PER_SECOND}/s are recorded`)
  for (const [rate, us] of Object.entries(accountingUs)) {
    const share = ((100 * us) / REQUEST_US).toFixed(0)
    console.log(
      `accounting of a query        ${us} µs of CPU at ${rate}/s, ${share} % of a request of ${REQUEST_US} µs (wanted ≤ ${100 * GOAL_SHARE})`,
    )
    console.log(`                             ${accountingWindowUs[rate]} µs with the queries of a commit at once`)
  }
  const perSecond = Math.round(result.rows / result.openMs)
  console.log(`open and check everything    ${Math.round(result.openMs)} ms, ${perSecond},000 rows/s`)
}

print(await benchStorage())
