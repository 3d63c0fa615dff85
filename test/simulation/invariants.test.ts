/**
 * Hundreds of small swarms with everything that goes wrong, each from its own seed. `SEED=123 npx mocha
 * test/simulation/invariants.test.ts` runs that one alone.
 */
import assert from 'node:assert/strict'
import { seededRandom, wholeNumber } from '../../bench/simulation/random.ts'
import {
  LIES,
  MAX_HELD,
  MAX_HELD_MS,
  MAX_QUEUED,
  MAX_TRIES,
  type Result,
  type Scenario,
  USUAL,
} from '../../bench/simulation/scenario.ts'
import { simulate } from '../../bench/simulation/simulate.ts'
import { volume } from '../support/volume.ts'

const SEEDS = volume(200, 1_000)

/** A small swarm, its size and its troubles drawn from the seed. */
function scenario(seed: number): Scenario {
  const rng = seededRandom(seed)
  const workers = wholeNumber(rng, 2, 12)
  return {
    ...USUAL,
    seed,
    gateways: wholeNumber(rng, 1, 5),
    workers,
    load: 0.2 + 1.8 * rng(),
    gossipMs: wholeNumber(rng, 100, 5_000),
    steps: rng() < 0.5,
    seconds: wholeNumber(rng, 3, 10),
    churn: rng() < 0.5 ? 0 : wholeNumber(rng, 1, 600),
    liars: rng() < 0.5 ? 0 : wholeNumber(rng, 0, Math.floor(workers / 3)),
    lie: LIES[wholeNumber(rng, 0, LIES.length - 1)] ?? 'drop',
    partition: rng() < 0.3,
    peersPerGateway: wholeNumber(rng, 1, 12),
  }
}

function check(result: Result): void {
  assert.equal(result.lost, 0, 'a query never ended')
  assert.equal(result.endedTwice, 0, 'a query ended twice')
  assert.equal(result.served + result.rejected, result.arrived)
  assert.ok(result.maxTries <= MAX_TRIES, `${result.maxTries} tries`)
  assert.ok(result.maxQueued <= MAX_QUEUED, `${result.maxQueued} queued at a worker`)
  assert.ok(result.maxHeld <= MAX_HELD, `${result.maxHeld} held at a gateway`)
  // Whoever is held for longest may then wait for a dying peer to be found out.
  assert.ok(result.p99WaitMs <= MAX_HELD_MS * 2 + 30_000, `waited ${result.p99WaitMs} ms`)
  assert.ok(Number.isFinite(result.meanWaitMs) && result.meanWaitMs >= 0)
}

describe('many simulated swarms', () => {
  const only = process.env['SEED']
  const first = only === undefined ? 1 : Number(only)
  const last = only === undefined ? SEEDS : first

  it(`end every query exactly once and keep all bounds (seeds ${first} to ${last})`, () => {
    for (let seed = first; seed <= last; seed += 1) {
      const wanted = scenario(seed)
      try {
        check(simulate(wanted))
      } catch (error) {
        console.error(`SEED=${seed} ${JSON.stringify(wanted)}`)
        throw error
      }
    }
  })

  it('give the same result for the same seed', () => {
    for (const seed of [1, 2, 3]) assert.deepEqual(simulate(scenario(seed)), simulate(scenario(seed)))
  })
})
