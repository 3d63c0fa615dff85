/**
 * What the user data costs: acknowledged synced writes by group commit against one-by-one synced puts in turns of the same run, reading
 * a user's last ten queries with a million rows stored, and the CPU that recording one query takes.
 */
import '../core/node20-shim.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Level } from 'level'
import { eventKey, queryKey, userRef } from '../storage/keys.ts'
import { type FinishedQuery, usedEvent } from '../storage/query-history.ts'
import { UserData } from '../storage/user-data.ts'

/** Rows of the read test; `BENCH_STORAGE_ROWS` sets another number. A query makes two, a user one. */
const ROWS = Number(process.env['BENCH_STORAGE_ROWS'] ?? 1_000_000)
const QUERIES_PER_USER = 50
/** Writers at once: as many queries as may end in one window of a busy node. */
const WRITERS = 256
const ROUNDS = 5
const ROUND_MS = 800
const READS = 5_000
/** Queries per second of the paced accounting test. */
const RATES = [100, 500, 1_000] as const
const RATE_MS = 3_000

export interface StorageResult {
  /** One after another, each synced: the median round, per second. */
  readonly singlePutsPerSecond: number
  /** Acknowledged after a sync, by group commit. */
  readonly groupedWritesPerSecond: number
  readonly ratio: number
  readonly rows: number
  readonly lastTenMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** CPU microseconds that the record of one query takes, threads of the store included, per queries per second. */
  readonly accountingUs: Readonly<Record<string, number>>
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
    receipt: id,
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
  const users = Math.ceil(ROWS / (1 + 2 * QUERIES_PER_USER))
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
        view.create(eventKey(user.key, record.id), usedEvent(record))
        view.create(queryKey(user.key, record.startedAt, record.id), { ...record, kept: false })
      }
    },
  })
}

async function readLastTen(data: UserData, guids: readonly string[]): Promise<StorageResult['lastTenMs']> {
  const times: number[] = []
  for (let read = 0; read < READS; read += 1) {
    const guid = guids[Math.floor(Math.random() * guids.length)] ?? ''
    const begun = performance.now()
    const found = await data.queries(guid, { limit: 10 })
    times.push(performance.now() - begun)
    if (found.length !== 10) throw new Error('a user has fewer queries than were recorded')
  }
  times.sort((a, b) => a - b)
  return { p50: times[READS / 2] ?? 0, p99: times[Math.floor(READS * 0.99)] ?? 0, max: times.at(-1) ?? 0 }
}

/** CPU microseconds of this process while `each` is called at a rate; the ticking itself included. */
async function cpuAtRate(perSecond: number, each: (n: number) => void): Promise<{ cpuUs: number; calls: number }> {
  const before = process.cpuUsage()
  const begun = performance.now()
  let calls = 0
  while (performance.now() - begun < RATE_MS) {
    const due = ((performance.now() - begun) / 1_000) * perSecond
    for (; calls < due; calls += 1) each(calls)
    await delay(5)
  }
  await delay(100)
  const { user, system } = process.cpuUsage(before)
  return { cpuUs: user + system, calls }
}

/** In a store of its own: compactions of the million rows would be charged to the queries. */
async function accounting(home: string): Promise<Record<string, number>> {
  const data = openIn(home)
  await data.start()
  const guids = Array.from({ length: 20 }, (_, n) => `rate user ${n}`)
  for (const guid of guids) await data.user(guid)
  const warmUp = Array.from({ length: 5_000 }, (_, n) => data.recordQuery(guids[n % 20] ?? '', query(`warm ${n}`, n)))
  await Promise.all(warmUp)
  const perQuery: Record<string, number> = {}
  for (const rate of RATES) {
    const idle = await cpuAtRate(rate, () => {})
    const busy = await cpuAtRate(rate, (n) => {
      // As many users as a home node has at a time.
      void data.recordQuery(guids[n % 20] ?? '', query(`rate ${rate} ${n}`, Date.now()))
    })
    perQuery[String(rate)] = Math.round((busy.cpuUs - idle.cpuUs) / busy.calls)
  }
  await data.stop()
  return perQuery
}

/** About a minute. */
export async function benchStorage(): Promise<StorageResult> {
  const home = mkdtempSync(join(tmpdir(), 'realmesh-bench-storage-'))
  try {
    const { single, grouped } = await compareWrites(home)
    const accountingUs = await accounting(join(home, 'rates'))
    const data = openIn(join(home, 'million'))
    await data.start()
    const guids = await fill(data)
    // What is measured is reading, not the compactions that a fast fill leaves behind.
    for (const shard of data.shards.shards()) await shard.reclaim('u/', 'v')
    const lastTenMs = await readLastTen(data, guids)
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
      accountingUs,
      openMs,
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function print(result: StorageResult): void {
  const { lastTenMs, accountingUs } = result
  console.log(`acknowledged synced writes   ${result.groupedWritesPerSecond}/s by group commit (${WRITERS} writers)`)
  console.log(
    `                             ${result.singlePutsPerSecond}/s one by one; ratio ${result.ratio.toFixed(1)} (wanted ≥ 5)`,
  )
  console.log(
    `last ten queries of a user   p50 ${lastTenMs.p50.toFixed(2)} ms, p99 ${lastTenMs.p99.toFixed(2)} ms with ${result.rows} rows (wanted p99 ≤ 2)`,
  )
  for (const [rate, us] of Object.entries(accountingUs))
    console.log(`record of a query            ${us} µs of CPU at ${rate}/s`)
  console.log(`open and check everything    ${Math.round(result.openMs)} ms`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(await benchStorage())
