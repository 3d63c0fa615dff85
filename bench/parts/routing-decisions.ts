/**
 * How many routing decisions one core makes in a second: 1,000 workers and 20 models, the daemon's own view and
 * ranking, with everything that belongs to a decision: the draw, the note of the send and of its end, and load records
 * that keep coming in.
 */
import type { ModelLoad } from '../../core/model/load.ts'
import type { Model } from '../../core/model/model.ts'
import { rankPeers } from '../../routing/choice/rank-peers.ts'
import type { RouteQuestion } from '../../routing/offers/route-question.ts'
import { RoutingView } from '../../routing/offers/routing-view.ts'
import { seededRandom, wholeNumber } from '../simulation/random.ts'

const WORKERS = 1_000
const MODELS = 20
/** Models that one worker offers. */
const MODELS_PER_WORKER = 3
const DECISIONS = 200_000
const ROUNDS = 7
/** One load record per so many decisions: 1,000 workers that speak each second, at 200,000 decisions. */
const DECISIONS_PER_RECORD = 200

interface RoutingDecisionsResult {
  readonly workers: number
  readonly models: number
  /** Per second of CPU time, median over the rounds. */
  readonly decisionsPerSecond: number
  /** The same with the bookkeeping of a send, its outcome, and incoming records. */
  readonly routedPerSecond: number
  readonly rounds: number
}

/** Measures on the calling thread; about three seconds. */
async function routingDecisions(): Promise<RoutingDecisionsResult> {
  const rng = seededRandom(1)
  const { view, loads } = makeView(rng)
  const questions = Array.from({ length: MODELS }, (_, model) => question(`model-${model}:8b`))
  decide(view, questions, rng)
  route(view, loads, questions, rng)
  const bare: number[] = []
  const whole: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(perSecond(() => decide(view, questions, rng)))
    whole.push(perSecond(() => route(view, loads, questions, rng)))
  }
  return {
    workers: WORKERS,
    models: MODELS,
    decisionsPerSecond: Math.round(median(bare)),
    routedPerSecond: Math.round(median(whole)),
    rounds: ROUNDS,
  }
}

function decide(view: RoutingView, questions: readonly RouteQuestion[], rng: () => number): void {
  for (let i = 0; i < DECISIONS; i += 1) {
    const asked = questions[i % questions.length]
    if (asked === undefined || rankPeers(view, asked, 1_000, rng).length === 0) throw new Error('nobody was found')
  }
}

function route(
  view: RoutingView,
  loads: readonly ModelLoad[][],
  questions: readonly RouteQuestion[],
  rng: () => number,
): void {
  for (let i = 0; i < DECISIONS; i += 1) {
    const asked = questions[i % questions.length]
    const best = asked === undefined ? undefined : rankPeers(view, asked, 1_000, rng)[0]
    if (best === undefined) throw new Error('nobody was found')
    const sent = view.noteSent(best.node, best.model, 1_000, best.cost)
    view.noteFirstEvent(sent, 1_000)
    view.noteOutcome(sent, { ok: true }, 1_000)
    if (i % DECISIONS_PER_RECORD !== 0) continue
    const worker = wholeNumber(rng, 0, WORKERS - 1)
    sequence += 1
    view.setLoad(`peer-${worker}`, { seq: sequence, at: 0, draining: false, models: loads[worker] ?? [] }, 1_000)
  }
}

let sequence = 1

function makeView(rng: () => number): { view: RoutingView; loads: readonly ModelLoad[][] } {
  const view = new RoutingView()
  const loads: ModelLoad[][] = []
  for (let worker = 0; worker < WORKERS; worker += 1) {
    const names = Array.from({ length: MODELS_PER_WORKER }, (_, i) => `model-${(worker + i * 7) % MODELS}:8b`)
    const slots = wholeNumber(rng, 1, 8)
    view.setNode({
      id: `peer-${worker}`,
      relation: worker % 4 === 0 ? 'home' : worker % 4 === 1 ? 'friend' : 'stranger',
      share: 'public',
      connected: true,
      models: names.map((name) => ({ model: model(name), realm: '$CHAT', slots })),
    })
    const load = names.map((name) => modelLoad(name, slots, rng))
    loads.push(load)
    view.setLoad(`peer-${worker}`, { seq: 1, at: 0, draining: false, models: load }, 1_000)
  }
  return { view, loads }
}

function model(name: string): Model {
  const capabilities = { vision: false, tools: true, reasoning: false, structured: true, prefill: true }
  return { name, types: ['chat'], capabilities, contextLength: 32_768 }
}

function modelLoad(name: string, slots: number, rng: () => number): ModelLoad {
  const running = wholeNumber(rng, 0, slots)
  const rates = { decodeRate: 20 + 80 * rng(), prefillRate: 500 + 1_500 * rng() }
  return { model: name, slots, running, queued: 0, estimatedWaitMs: 0, ...rates, warm: rng() < 0.8 }
}

function question(name: string): RouteQuestion {
  return {
    model: name,
    type: 'chat',
    realm: '$CHAT',
    needs: { tools: true },
    promptTokens: 400,
    expectedTokens: 250,
    streamed: true,
    scope: 'public',
    exclude: new Set(),
  }
}

/** By CPU time, that of the garbage collector included: what one core does when neighbours leave it alone. */
function perSecond(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return DECISIONS / ((user + system) / 1e6)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}

console.log(JSON.stringify(await routingDecisions()))
