/** Runs one scenario from its seed: builds the swarm, lets queries arrive, follows all of them to their end. */
import { EventQueue } from './event-queue.ts'
import { Journal } from './journal.ts'
import { POLICY } from './policies.ts'
import { exponential, logNormal, seededRandom, wholeNumber } from './random.ts'
import { JOB_SIGMA, MEAN_JOB_MS, type Result, type Scenario } from './scenario.ts'
import { SimulatedGateway } from './simulated-gateway.ts'
import { SimulatedNetwork } from './simulated-network.ts'
import { SimulatedWorker } from './simulated-worker.ts'

/** Part of the run that is not measured, at its start. */
const WARM_UP = 0.1
/** After the last arrival everything must have ended within this simulated time. */
const DRAIN_MS = 3_600_000
/** Mean time until a crashed worker is back. */
const MEAN_DOWN_MS = 10_000
const HOUR_MS = 3_600_000

/** Random streams of one run: the same arrivals and workers meet every policy. */
type Stream = 'workers' | 'arrivals' | 'choices' | 'gossip' | 'faults'
const STREAM_NUMBER: Readonly<Record<Stream, number>> = { workers: 1, arrivals: 2, choices: 3, gossip: 4, faults: 5 }

export function simulate(scenario: Scenario): Result {
  const stream = (name: Stream): (() => number) => seededRandom(scenario.seed * 8 + STREAM_NUMBER[name])
  const time = new EventQueue()
  const workers = makeWorkers(scenario, time, stream('workers'))
  const capacity = workers.reduce((sum, worker) => sum + (worker.lies ? 0 : worker.slots * worker.speed), 0)
  const liars = new Set(workers.filter((worker) => worker.lies).map((worker) => worker.id))
  const untilMs = scenario.seconds * 1_000
  const journal = new Journal(() => time.now, {
    fromMs: untilMs * WARM_UP,
    untilMs,
    capacity,
    isLiar: (worker) => liars.has(worker),
  })
  const network = new SimulatedNetwork(time, workers, scenario.lie)
  const choices = stream('choices')
  const gateways = Array.from({ length: scenario.gateways }, (_, index) => {
    const policy = POLICY[scenario.policy](choices)
    const impatient = scenario.policy === 'realmesh'
    return new SimulatedGateway({ time, network, policy, journal }, { half: index % 2, impatient })
  })
  linkAll(scenario, network, gateways, workers, stream('workers'))
  keepGossiping(scenario, time, network, workers, stream('gossip'))
  keepCrashing(scenario, time, network, workers, stream('faults'))
  if (scenario.partition) {
    time.after(untilMs * 0.4, () => network.partition(true))
    time.after(untilMs * 0.6, () => network.partition(false))
  }
  const arrivals = stream('arrivals')
  const gapMs = (MEAN_JOB_MS * scenario.gateways) / (scenario.load * capacity)
  for (const gateway of gateways) keepAsking(time, gateway, journal, arrivals, gapMs, untilMs)

  time.runUntil(untilMs)
  while (journal.open > 0 && time.now < untilMs + DRAIN_MS) time.runUntil(time.now + 1_000)
  return journal.result(Math.max(...workers.map((worker) => worker.maxQueued)))
}

function makeWorkers(scenario: Scenario, time: EventQueue, rng: () => number): readonly SimulatedWorker[] {
  return Array.from({ length: scenario.workers }, (_, index) => {
    const slots = wholeNumber(rng, 1, 8)
    const speed = 0.5 + 1.5 * rng()
    const lies = index < scenario.liars
    return new SimulatedWorker(time, { id: `w${index}`, slots, speed, lies, refuses: scenario.policy === 'realmesh' })
  })
}

/** Every gateway knows every worker, or as many as a peer table holds. */
function linkAll(
  scenario: Scenario,
  network: SimulatedNetwork,
  gateways: readonly SimulatedGateway[],
  workers: readonly SimulatedWorker[],
  rng: () => number,
): void {
  for (const gateway of gateways) {
    const known = [...workers]
    while (known.length > scenario.peersPerGateway) {
      const last = known.pop()
      const index = Math.floor(rng() * (known.length + 1))
      if (last !== undefined && index < known.length) known[index] = last
    }
    for (const worker of known) network.link(gateway, worker)
  }
}

function keepGossiping(
  scenario: Scenario,
  time: EventQueue,
  network: SimulatedNetwork,
  workers: readonly SimulatedWorker[],
  rng: () => number,
): void {
  for (const worker of workers) {
    const speak = (): void => {
      network.gossip(worker)
      time.after(scenario.gossipMs * (0.8 + 0.4 * rng()), speak)
    }
    time.after(scenario.gossipMs * rng(), speak)
    if (scenario.steps) worker.onStep = () => network.gossip(worker)
  }
}

function keepCrashing(
  scenario: Scenario,
  time: EventQueue,
  network: SimulatedNetwork,
  workers: readonly SimulatedWorker[],
  rng: () => number,
): void {
  if (scenario.churn <= 0) return
  for (const worker of workers) {
    const crash = (): void => {
      network.crash(worker)
      time.after(exponential(rng, MEAN_DOWN_MS), () => {
        network.restart(worker)
        time.after(exponential(rng, HOUR_MS / scenario.churn), crash)
      })
    }
    time.after(exponential(rng, HOUR_MS / scenario.churn), crash)
  }
}

function keepAsking(
  time: EventQueue,
  gateway: SimulatedGateway,
  journal: Journal,
  rng: () => number,
  gapMs: number,
  untilMs: number,
): void {
  const ask = (): void => {
    if (time.now >= untilMs) return
    gateway.submit(journal.arrived(logNormal(rng, MEAN_JOB_MS, JOB_SIGMA)))
    time.after(exponential(rng, gapMs), ask)
  }
  time.after(exponential(rng, gapMs), ask)
}
