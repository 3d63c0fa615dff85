/** The loads that every target gets, one after the other, in every round. */
import type { LoadPlan } from './load-plan.ts'

export interface Scenario {
  readonly name: string
  readonly about: string
  /** What the upstream is told. */
  readonly prompt: string
  readonly plan: Pick<LoadPlan, 'stream' | 'users' | 'rate' | 'expectMarks'>
  /** Time before the window, milliseconds; longer than one answer. */
  readonly warmupMs: number
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'json',
    about: 'whole answers of 8 tokens, 64 users, closed loop',
    prompt: 'tokens=8',
    plan: { stream: false, users: 64, expectMarks: 8 },
    warmupMs: 1000,
  },
  {
    name: 'latency',
    about: 'whole answers of 8 tokens, 200 per second, open loop',
    prompt: 'tokens=8',
    plan: { stream: false, rate: 200, expectMarks: 8 },
    warmupMs: 500,
  },
  {
    name: 'first-token',
    about: 'streams of 8 tokens 5 ms apart, 100 per second, open loop',
    prompt: 'tokens=8 pace=5',
    plan: { stream: true, rate: 100, expectMarks: 8 },
    warmupMs: 500,
  },
  {
    name: 'paced',
    about: 'streams of 64 tokens 20 ms apart, 200 users (10,000 tokens per second)',
    prompt: 'tokens=64 pace=20',
    plan: { stream: true, users: 200, expectMarks: 64 },
    warmupMs: 2000,
  },
]
