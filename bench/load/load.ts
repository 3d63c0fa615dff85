/** The load client, run as a process of its own: `load.ts PLAN_AS_JSON` prints one line, a LoadResult. */
import '../../core/node20-shim.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { type LoadPlan, type LoadResult, type Percentiles, TOKEN } from './load-plan.ts'
import { usageOf } from './process-usage.ts'
import { RawClient } from './raw-client.ts'

/** Users that failed wait this long, so that a refusing target is not flooded. */
const PAUSE_AFTER_FAILURE_MS = 20
/** As much of a refusal as tells its cause. */
const MAX_FAILURE_TEXT = 300
/** Bound of the open loop: beyond it the target has collapsed and more requests only hide that. */
const MAX_IN_FLIGHT = 4096

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan
const { mark = TOKEN, timesEach = 1 } = plan
const client = new RawClient(new URL(plan.url), JSON.stringify(plan.body), plan.headers)

const firsts: number[] = []
const totals: number[] = []
const failures: Record<string, number> = {}
let measuring = false
let stopping = false
let inFlight = 0
let ok = 0
let bad = 0
let marks = 0

/** One request; resolves with whether it was answered in full. */
function ask(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const counted = measuring
  const sentAt = performance.now()
  const counter = new MarkCounter()
  let firstAt = 0
  inFlight += 1
  const done = (failure: string | undefined): void => {
    inFlight -= 1
    if (counted && measuring) record(failure, firstAt - sentAt, performance.now() - sentAt)
    resolve(failure === undefined)
  }
  client.ask({
    onData: (bytes) => {
      if (firstAt === 0) firstAt = performance.now()
      const seen = counter.count(bytes)
      if (measuring) marks += seen
    },
    onEnd: (status) => {
      if (status !== 200) done(`HTTP ${status} ${counter.last}`)
      else done(counter.total === plan.expectMarks ? undefined : `${counter.total} marks`)
    },
    onError: (error) => done(error.message),
  })
  return promise
}

function record(failure: string | undefined, firstMs: number, totalMs: number): void {
  if (failure !== undefined) {
    bad += 1
    failures[failure] = (failures[failure] ?? 0) + 1
    return
  }
  ok += 1
  firsts.push(firstMs)
  totals.push(totalMs)
}

/**
 * Counts the marks of an answer, which are the upstream's tokens, across the borders of reads. Not events: what arrived
 * together may travel in one.
 */
class MarkCounter {
  total = 0
  #tail = ''

  /** The last piece that was counted, for what it says of a failure. */
  last = ''

  count(bytes: string): number {
    this.last = bytes.slice(0, MAX_FAILURE_TEXT)
    const text = this.#tail + bytes
    let seen = 0
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + mark.length)) seen += 1
    // Less than a mark: nothing in it was counted.
    this.#tail = text.slice(1 - mark.length)
    this.total += seen
    return seen
  }
}

async function user(): Promise<void> {
  while (!stopping) if (!(await ask())) await delay(PAUSE_AFTER_FAILURE_MS)
}

/** Arrivals at random moments, whatever the answers do. */
async function arrivals(rate: number): Promise<void> {
  let next = performance.now()
  while (!stopping) {
    for (; next <= performance.now(); next += (-Math.log(1 - Math.random()) / rate) * 1000) {
      if (inFlight < MAX_IN_FLIGHT) void ask()
      else bad += 1
    }
    await delay(1)
  }
}

function percentiles(values: number[]): Percentiles {
  values.sort((a, b) => a - b)
  const at = (share: number): number => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

async function main(): Promise<LoadResult> {
  for (let i = 0; i < (plan.users ?? 0); i += 1) void user()
  if (plan.rate !== undefined) void arrivals(plan.rate)
  await delay(plan.warmupMs)
  const before = usageOf(plan.pids)
  const startedAt = performance.now()
  measuring = true
  await delay(plan.measureMs)
  measuring = false
  const seconds = (performance.now() - startedAt) / 1000
  const after = usageOf(plan.pids)
  stopping = true
  const tokens = marks / timesEach
  const cpuSeconds = before !== undefined && after !== undefined ? after.cpuSeconds - before.cpuSeconds : undefined
  return {
    seconds,
    ok,
    bad,
    failures,
    requestsPerSecond: ok / seconds,
    tokensPerSecond: plan.stream ? tokens / seconds : 0,
    firstMs: percentiles(firsts),
    totalMs: percentiles(totals),
    ...(cpuSeconds !== undefined &&
      after !== undefined && {
        cpuUsPerRequest: (cpuSeconds * 1e6) / Math.max(1, ok),
        ...(plan.stream && { cpuUsPerToken: (cpuSeconds * 1e6) / Math.max(1, tokens) }),
        cpuCores: cpuSeconds / seconds,
        rssMb: after.rssBytes / 2 ** 20,
      }),
  }
}

console.log(JSON.stringify(await main()))
process.exit(0) // requests still under way are of no interest
