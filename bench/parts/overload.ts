/**
 * A realm under twice its capacity: how fast it refuses, and how much of its capacity still becomes answers. The
 * production processor and admission on workers that only wait; arrivals at random moments (Poisson), all from peers.
 * Runs for a few seconds and ends.
 */
import '../../core/node20-shim.ts'
import { setTimeout as delay } from 'node:timers/promises'
import type { Query } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { systemClock } from '../../core/run/clock.ts'
import { RealmQueryProcessor, type RealmWorkers } from '../../node/realm/realm-query-processor.ts'

const SLOTS = 8
const JOB_MS = 50
const LOAD = 2
const SECONDS = 5

interface OverloadResult {
  /** Share of the capacity (slots over mean job time) that became answers. */
  readonly goodput: number
  readonly refused: number
  readonly refusalP50Ms: number
  readonly refusalP99Ms: number
}

/** Workers of which each holds a slot for as long as a job takes. */
function waitingWorkers(): RealmWorkers {
  const listeners = new Set<() => void>()
  let running = 0
  return {
    makeRoom: () => false,
    reserve: () => {
      if (running >= SLOTS) return undefined
      running += 1
      return {
        worker: 'w',
        engine: 'stub',
        model: 'm',
        run: async function* () {
          await delay(JOB_MS)
          yield { kind: 'end', finishReason: 'stop' }
        },
        release: () => {
          running -= 1
          for (const listener of listeners) listener()
        },
      }
    },
    capacity: () => ({ slots: SLOTS, running, meanJobMs: JOB_MS }),
    onSlotFree: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function question(number: number): Query {
  return {
    id: `q${number}`,
    type: 'chat',
    realm: '$CHAT',
    model: 'm',
    scope: 'home',
    hopsLeft: 0,
    user: `u${number % 10}`,
    origin: `p${number % 5}`,
    body: { messages: [{ role: 'user', content: 'x' }] },
  }
}

async function overload(): Promise<OverloadResult> {
  const processor = new RealmQueryProcessor(
    { workers: waitingWorkers(), clock: systemClock },
    { realm: '$CHAT', maxWaitMs: 30_000, maxLength: 512 },
  )
  const { signal } = new AbortController()
  const refusals: number[] = []
  let answered = 0
  const ask = async (number: number): Promise<void> => {
    const askedAt = performance.now()
    try {
      for await (const event of processor.run(question(number), { signal, asker: 'home' })) {
        if (event.kind === 'end') answered += 1
      }
    } catch (error) {
      if (!(error instanceof RealmeshError && error.code === 'REALM_OVERLOADED')) throw error
      refusals.push(performance.now() - askedAt)
    }
  }
  const perMs = (LOAD * SLOTS) / JOB_MS
  const until = performance.now() + SECONDS * 1_000
  const asked: Promise<void>[] = []
  for (let next = performance.now(); next < until; ) {
    for (; next <= performance.now(); next += -Math.log(1 - Math.random()) / perMs) asked.push(ask(asked.length))
    await delay(1)
  }
  const inWindow = answered
  await Promise.all(asked)
  processor.close()
  refusals.sort((a, b) => a - b)
  const at = (share: number): number =>
    refusals[Math.min(refusals.length - 1, Math.floor(refusals.length * share))] ?? 0
  return {
    goodput: inWindow / ((SLOTS / JOB_MS) * SECONDS * 1_000),
    refused: refusals.length,
    refusalP50Ms: at(0.5),
    refusalP99Ms: at(0.99),
  }
}

const { goodput, refused, refusalP50Ms, refusalP99Ms } = await overload()
console.log(`load ${LOAD}x for ${SECONDS} s: goodput ${goodput.toFixed(3)} of the capacity, ${refused} refused,`)
console.log(
  `refusal p50 ${refusalP50Ms.toFixed(3)} ms, p99 ${refusalP99Ms.toFixed(3)} ms (wanted: goodput >= 0.95, p99 <= 5 ms)`,
)
