import assert from 'node:assert/strict'
import { STRATEGIES, type Strategy } from '../../../../core/model/worker.ts'
import { autoStrategy, selectWorker, type WorkerSnapshot } from '../../../../workers/pool/worker-selection.ts'

function snapshot(name: string, overrides: Partial<WorkerSnapshot> = {}): WorkerSnapshot {
  return { name, health: 100, running: 0, slots: 1, weight: 1, firstTokenMs: 100, lastChosen: 0, ...overrides }
}

const zero = (): number => 0

describe('selectWorker', () => {
  const CHOICES: readonly [string, Strategy, readonly WorkerSnapshot[], string][] = [
    ['the healthiest', 'health', [snapshot('a', { health: 60 }), snapshot('b', { health: 90 })], 'b'],
    [
      'of equally healthy ones the least busy',
      'health',
      [snapshot('a', { running: 1, slots: 2 }), snapshot('b', { slots: 2 })],
      'b',
    ],
    ['of equals the first', 'health', [snapshot('a'), snapshot('b')], 'a'],
    [
      'the one that waited longest',
      'round_robin',
      [snapshot('a', { lastChosen: 7 }), snapshot('b', { lastChosen: 3 })],
      'b',
    ],
    ['one that was never chosen', 'round_robin', [snapshot('a', { lastChosen: 1 }), snapshot('b')], 'b'],
    [
      'the smallest share of slots in use',
      'least_busy',
      [snapshot('a', { running: 1, slots: 2 }), snapshot('b', { running: 2, slots: 8 })],
      'b',
    ],
    [
      'the heavier of two that are as busy',
      'least_busy',
      [snapshot('a', { running: 1, slots: 4 }), snapshot('b', { running: 1, slots: 4, weight: 2 })],
      'b',
    ],
    [
      'the shortest time to the first token',
      'fastest',
      [snapshot('a', { firstTokenMs: 300 }), snapshot('b', { firstTokenMs: 200 })],
      'b',
    ],
    [
      'one that was never measured, once',
      'fastest',
      [snapshot('a', { firstTokenMs: 5 }), snapshot('b', { firstTokenMs: undefined })],
      'b',
    ],
  ]
  for (const [what, strategy, candidates, expected] of CHOICES) {
    it(`${strategy} takes ${what}`, () => {
      assert.equal(selectWorker(strategy, candidates, zero)?.name, expected)
    })
  }

  for (const [draw, expected] of [
    [0, 'a'],
    [0.249, 'a'],
    [0.25, 'b'],
    [0.999, 'b'],
  ] as const) {
    it(`random follows the weights: ${draw} draws ${expected}`, () => {
      const candidates = [snapshot('a', { weight: 1 }), snapshot('b', { weight: 3 })]
      assert.equal(selectWorker('random', candidates, () => draw)?.name, expected)
    })
  }

  for (const strategy of STRATEGIES) {
    it(`${strategy} takes nobody from nobody and the only one from one`, () => {
      assert.equal(selectWorker(strategy, [], zero), undefined)
      assert.equal(selectWorker(strategy, [snapshot('a', { health: 0 })], zero)?.name, 'a')
    })
  }
})

describe('autoStrategy', () => {
  const healths = (...scores: number[]): WorkerSnapshot[] => scores.map((health, i) => snapshot(`w${i}`, { health }))
  for (const [scores, expected] of [
    [[100, 0], 'health'],
    [[100, 100, 40], 'health'],
    [[60, 60, 60], 'least_busy'],
    [[100, 100, 90], 'round_robin'],
    [[70, 70, 70], 'round_robin'],
  ] as const) {
    it(`means ${expected} for health ${scores.join(', ')}`, () => {
      assert.equal(autoStrategy(healths(...scores)), expected)
    })
  }
})
