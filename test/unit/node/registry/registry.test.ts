import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { SwarmSample } from '../../../../core/swarm-sums.ts'
import { keptSamples } from '../../../../node/registry/kept-samples.ts'
import { MAX_SWARM_SAMPLES, Registry } from '../../../../node/registry/registry.ts'
import type { SeenNode } from '../../../../node/registry/swarm-sums.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const MINUTE = 60_000

function sample(at: number): SwarmSample {
  return { at, nodes: 1, alive: 1, federations: 0, slots: 2, running: 0 }
}

describe('Registry', () => {
  const clock = new ManualClock()
  let shows = true
  let looks = 0
  let nodes: readonly SeenNode[] = []
  let saved: readonly SwarmSample[] | undefined
  let registry: Registry

  beforeEach(async () => {
    shows = true
    looks = 0
    nodes = [{ card: testCard('a'), alive: true, running: 0 }]
    registry = new Registry(
      {
        clock,
        log: silentLogger,
        shows: () => shows,
        seen: () => {
          looks += 1
          return nodes
        },
        load: async () => saved,
        save: async (samples) => {
          saved = samples
        },
      },
      { network: 'test' },
    )
    await registry.start()
  })

  afterEach(async () => {
    await registry.stop()
    saved = undefined
    assert.equal(clock.pending, 0)
  })

  it('tells nothing unless its owner wants it, at once', () => {
    shows = false
    assert.equal(registry.sums(), undefined)
    shows = true
    assert.equal(registry.sums()?.alive, 1)
  })

  it('makes sums anew every ten seconds at most', () => {
    for (let asked = 0; asked < 100; asked += 1) registry.sums()
    assert.equal(looks, 1)
    nodes = []
    assert.equal(registry.sums()?.nodes, 1)
    clock.advance(10_001)
    assert.equal(registry.sums()?.nodes, 0)
  })

  it('looks every five minutes, and goes on with what the process before it saw', async () => {
    clock.advance(5 * MINUTE)
    clock.advance(5 * MINUTE)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(registry.sums()?.history.length, 2)
    await registry.stop()
    await registry.start()
    assert.equal(registry.sums()?.history.length, 2)
  })

  it('keeps a week of them', async () => {
    saved = Array.from({ length: MAX_SWARM_SAMPLES }, (_, n) => sample(n))
    await registry.stop()
    await registry.start()
    clock.advance(5 * MINUTE)
    const history = registry.sums()?.history ?? []
    assert.equal(history.length, MAX_SWARM_SAMPLES)
    assert.equal(history[0]?.at, 1)
  })

  it('keeps nothing while nothing is told', () => {
    shows = false
    clock.advance(5 * MINUTE)
    assert.equal(saved, undefined)
  })
})

describe('keptSamples', () => {
  it('gives back what was written, the latest where there are too many', () => {
    const written: unknown = JSON.parse(JSON.stringify([sample(1), sample(2)]))
    assert.deepEqual(keptSamples(written), [sample(1), sample(2)])
    const many = Array.from({ length: MAX_SWARM_SAMPLES + 3 }, (_, n) => sample(n))
    assert.equal(keptSamples(many)[0]?.at, 3)
  })

  it('refuses what is none of ours', () => {
    for (const broken of [{}, [1], [null], [{ ...sample(1), slots: 'two' }]]) assert.throws(() => keptSamples(broken))
  })
})
