/**
 * The figures that the routing promises, from the simulation with the daemon's own functions. Seeded: they do not
 * depend on the machine.
 */
import assert from 'node:assert/strict'
import { LIES, type Result, type Scenario, USUAL } from '../../bench/simulation/scenario.ts'
import { simulate } from '../../bench/simulation/simulate.ts'

const SEEDS = [1, 2, 3]

/** Results over the seeds, shorter than the published runs of 300 s. */
function runs(overrides: Partial<Scenario>): readonly Result[] {
  return SEEDS.map((seed) => simulate({ ...USUAL, seconds: 100, seed, ...overrides }))
}

function meanWait(overrides: Partial<Scenario> = {}): number {
  return runs(overrides).reduce((sum, result) => sum + result.meanWaitMs, 0) / SEEDS.length
}

describe('routing quality at load 0.8', () => {
  it('waits at most a tenth of weighted random and 0.7 of the least loaded by fresh, global knowledge', () => {
    const own = meanWait()
    const random = meanWait({ policy: 'random' })
    const fresh = meanWait({ policy: 'fresh-least' })
    assert.ok(own <= 0.1 * random, `${own} ms against ${random} ms`)
    assert.ok(own <= 0.7 * fresh, `${own} ms against ${fresh} ms`)
  })

  it('hardly depends on the age of load records: 5 s at most 1.7 times 0.2 s', () => {
    const old = meanWait({ gossipMs: 5_000 })
    const young = meanWait({ gossipMs: 200 })
    assert.ok(old <= 1.7 * young, `${old} ms against ${young} ms`)
  })

  it('stays within 30 % at 100 gateways and 100 workers', () => {
    const large = simulate({ ...USUAL, seconds: 30, gateways: 100, workers: 100 }).meanWaitMs
    const usual = meanWait()
    assert.ok(large <= 1.3 * usual, `${large} ms against ${usual} ms`)
  })

  it('is far better than the lowest gossiped load', () => {
    const [gossip] = runs({ policy: 'gossip-least' })
    assert.ok(meanWait() * 50 <= (gossip?.meanWaitMs ?? 0))
  })
})

describe('routing under stress', () => {
  it('keeps the workers busy at twice their capacity and answers everyone else at once', () => {
    for (const result of runs({ load: 2, gateways: 5, workers: 20, seconds: 60 })) {
      assert.ok(result.goodput >= 0.95, `goodput ${result.goodput}`)
      assert.equal(result.served + result.rejected, result.arrived)
    }
  })

  for (const lie of LIES) {
    it(`sends at most 5 % to 3 of 10 workers that say they are free and ${lie}, after each gateway's 20th query`, () => {
      for (const load of [0.2, 0.6]) {
        for (const result of runs({ gateways: 2, workers: 10, liars: 3, lie, load, seconds: 200 })) {
          assert.ok(result.liarShare <= 0.05, `${(100 * result.liarShare).toFixed(1)} %`)
          assert.deepEqual([result.lost, result.rejected], [0, 0])
        }
      }
    })
  }

  it('loses nothing when the swarm is cut in two and heals', () => {
    for (const result of runs({ partition: true, load: 0.4 })) {
      assert.deepEqual([result.lost, result.rejected, result.endedTwice], [0, 0, 0])
    }
  })

  it('loses nothing while every worker crashes ten times an hour', () => {
    for (const result of runs({ churn: 10, load: 0.6 })) {
      assert.deepEqual([result.lost, result.rejected, result.endedTwice], [0, 0, 0])
    }
  })
})
