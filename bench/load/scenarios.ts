/** The loads that every target gets, one after the other, in every round. */
import type { LoadPlan } from './load-plan.ts'

export interface Scenario {
  readonly name: string
  readonly about: string
  readonly plan: Pick<LoadPlan, 'stream' | 'prompt' | 'users' | 'rate' | 'expectTokens'>
  /** Time before the window, milliseconds; longer than one answer. */
  readonly warmupMs: number
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'json',
    about: 'whole answers of 8 tokens, 64 users, closed loop',
    plan: { stream: false, prompt: 'tokens=8', users: 64, expectTokens: 8 },
    warmupMs: 1000,
  },
  {
    name: 'latency',
    about: 'whole answers of 8 tokens, 200 per second, open loop',
    plan: { stream: false, prompt: 'tokens=8', rate: 200, expectTokens: 8 },
    warmupMs: 500,
  },
  {
    name: 'first-token',
    about: 'streams of 8 tokens 5 ms apart, 100 per second, open loop',
    plan: { stream: true, prompt: 'tokens=8 pace=5', rate: 100, expectTokens: 8 },
    warmupMs: 500,
  },
  {
    name: 'paced',
    about: 'streams of 64 tokens 20 ms apart, 200 users (10,000 tokens per second)',
    plan: { stream: true, prompt: 'tokens=64 pace=20', users: 200, expectTokens: 64 },
    warmupMs: 2000,
  },
]
