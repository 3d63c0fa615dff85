/**
 * What the query protocol costs: CPU of both nodes together, which share this process, over loopback TCP with TLS. Some
 * ten seconds. Run: node --import=tsx bench/parts/lanes.ts
 */
import '../../core/node20-shim.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { QueryPair } from '../../test/support/libp2p-query-pair.ts'
import { chatQuery } from '../../test/support/query.ts'

const START: QueryEvent = { kind: 'start', node: 'n', worker: 'w', engine: 'stub', model: 'tiny' }
const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 9, completionTokens: 9 } }
const TOKEN: QueryEvent = { kind: 'text', text: ' token' }
const LANES = 1_000

interface Cost {
  readonly cpuUs: number
  readonly wallMs: number
}

async function cost(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const at = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpuUs: user + system, wallMs: performance.now() - at }
}

async function drain(pair: QueryPair): Promise<void> {
  for await (const _ of pair.ask(chatQuery()));
}

/** `width` callers, each asking again and again, `total` queries in all. */
async function askAll(pair: QueryPair, total: number, width: number): Promise<void> {
  let left = total
  const caller = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1
      await drain(pair)
    }
  }
  await Promise.all(Array.from({ length: width }, caller))
}

async function withPair(run: RunQuery, work: (pair: QueryPair) => Promise<void>): Promise<void> {
  const pair = await QueryPair.start(run, { client: { maxLanesPerPeer: LANES }, server: { maxLanesPerPeer: LANES } })
  try {
    await work(pair)
  } finally {
    await pair.stop()
  }
}

const rounded = (value: number): number => Math.round(value * 10) / 10

await withPair(
  async function* () {
    yield START
    yield TOKEN
    yield END
  },
  async (pair) => {
    await askAll(pair, 2_000, 32)
    for (const width of [1, 32]) {
      const total = width === 1 ? 1_000 : 6_000
      const { cpuUs, wallMs } = await cost(() => askAll(pair, total, width))
      console.log(
        `short queries, ${width} at once: ${rounded(cpuUs / total)} us CPU per query, ${rounded((wallMs * 1_000 * width) / total)} us latency, ${Math.round((total * 1_000) / wallMs)} per s`,
      )
    }
  },
)

const STREAMS = 200
const PACE_MS = 20
const EVENTS = 100
await withPair(
  async function* () {
    for (let i = 0; i < EVENTS; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, PACE_MS))
      yield TOKEN
    }
    yield END
  },
  async (pair) => {
    const { cpuUs } = await cost(() => askAll(pair, STREAMS, STREAMS))
    const idle = await cost(async () => {
      const ticks = async (): Promise<void> => {
        for (let i = 0; i < EVENTS; i += 1) await new Promise((resolve) => setTimeout(resolve, PACE_MS))
      }
      await Promise.all(Array.from({ length: STREAMS }, ticks))
    })
    const events = STREAMS * EVENTS
    console.log(
      `${STREAMS} streams at ${PACE_MS} ms: ${rounded((cpuUs - idle.cpuUs) / events)} us CPU per event (timers taken out)`,
    )
  },
)

const BURST = 5_000
await withPair(
  async function* () {
    for (let i = 0; i < BURST; i += 1) yield TOKEN
    yield END
  },
  async (pair) => {
    const { cpuUs, wallMs } = await cost(() => askAll(pair, 32, 32))
    const events = 32 * BURST
    console.log(
      `32 streams at full speed: ${rounded(cpuUs / events)} us CPU per event, ${Math.round(events / wallMs)}k events per s`,
    )
  },
)
