import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Asker } from '../../../../../core/scope.ts'
import { AGE_STEP_MS, type QueueEntry, RealmQueue } from '../../../../../node/realm/queue/realm-queue.ts'

interface Entry extends QueueEntry {
  readonly id: string
}

const entry = (id: string, overrides: Partial<Entry> = {}): Entry => ({
  id,
  asker: 'own',
  flow: 'alice',
  kind: 'tiny',
  enqueuedAt: 0,
  ...overrides,
})

const anyone = (): boolean => true

function drain(queue: RealmQueue<Entry>, now = 0): string[] {
  const order: string[] = []
  for (let next = queue.take(now, anyone); next !== undefined; next = queue.take(now, anyone)) order.push(next.id)
  return order
}

describe('RealmQueue', () => {
  it('serves own users before home, friends and strangers', () => {
    const queue = new RealmQueue<Entry>()
    for (const [id, asker] of [
      ['s', 'stranger'],
      ['f', 'friend'],
      ['h', 'home'],
      ['o', 'own'],
    ] as const) {
      queue.add(entry(id, { asker }))
    }
    assert.deepEqual(drain(queue), ['o', 'h', 'f', 's'])
  })

  it('lets flows take turns, so that a busy one does not push back the others', () => {
    const queue = new RealmQueue<Entry>()
    for (const id of ['a1', 'a2', 'a3']) queue.add(entry(id, { flow: 'alice' }))
    queue.add(entry('b1', { flow: 'bob' }))
    queue.add(entry('c1', { flow: 'carol' }))
    assert.deepEqual(drain(queue), ['a1', 'b1', 'c1', 'a2', 'a3'])
  })

  it('lifts a stranger above fresh own work once it has waited long enough', () => {
    const queue = new RealmQueue<Entry>()
    queue.add(entry('old', { asker: 'stranger', enqueuedAt: 0 }))
    const now = 3 * AGE_STEP_MS
    queue.add(entry('fresh', { enqueuedAt: now }))
    assert.equal(queue.take(now - 1, (e) => e.id === 'fresh' || e.id === 'old')?.id, 'fresh')
    queue.add(entry('fresh2', { enqueuedAt: now }))
    assert.equal(queue.take(now, anyone)?.id, 'old')
  })

  it('keeps the place of an entry whose worker is busy', () => {
    const queue = new RealmQueue<Entry>()
    for (const [id, kind] of [
      ['x', 'large'],
      ['y', 'tiny'],
      ['z', 'large'],
    ] as const) {
      queue.add(entry(id, { kind }))
    }
    assert.equal(queue.take(0, ({ kind }) => kind === 'tiny')?.id, 'y')
    assert.deepEqual(drain(queue), ['x', 'z'])
  })

  it('asks once per asker and kind whether there is room, however many wait', () => {
    const queue = new RealmQueue<Entry>()
    for (let i = 0; i < 30; i += 1) {
      queue.add(entry(`e${i}`, { flow: `f${i}`, kind: i % 2 ? 'tiny' : 'large', asker: i % 3 ? 'own' : 'home' }))
    }
    const asked: string[] = []
    const busy = ({ asker, kind }: Entry): boolean => {
      asked.push(`${asker} ${kind}`)
      return false
    }
    assert.equal(queue.take(0, busy), undefined)
    assert.deepEqual(asked.sort(), ['home large', 'home tiny', 'own large', 'own tiny'])
  })

  it('gives a flow that wants two models no more turns than one that wants one', () => {
    const queue = new RealmQueue<Entry>()
    for (const [i, kind] of ['tiny', 'large', 'tiny', 'large'].entries()) {
      queue.add(entry(`a${i}`, { flow: 'alice', kind, enqueuedAt: i }))
    }
    for (const id of ['b1', 'b2']) queue.add(entry(id, { flow: 'bob', enqueuedAt: 4 }))
    assert.deepEqual(drain(queue), ['a0', 'b1', 'a1', 'b2', 'a2', 'a3'])
  })

  for (const [what, maxAge, flows] of [
    ['while nothing is aged', AGE_STEP_MS - 1, 3],
    ['when each has a flow of its own', 4 * AGE_STEP_MS, 1_000],
  ] as const) {
    it(`tells the first in the order in which they are taken, ${what}`, () => {
      const arrival = fc.record({
        asker: fc.constantFrom<Asker>('own', 'home', 'friend', 'stranger'),
        age: fc.nat(maxAge),
      })
      fc.assert(
        fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
          const queue = new RealmQueue<Entry>()
          const now = 5 * AGE_STEP_MS
          const oldestFirst = arrivals.toSorted((a, b) => b.age - a.age)
          for (const [i, { asker, age }] of oldestFirst.entries()) {
            queue.add(entry(String(i), { asker, flow: `f${i % flows}`, enqueuedAt: now - age }))
          }
          const told = queue.first(arrivals.length, now).map(({ id }) => id)
          assert.deepEqual(told, drain(queue, now))
        }),
      )
    })
  }

  it('looks at a bounded number of entries, with twenty thousand waiting', () => {
    let looks = 0
    const counting = (id: number): Entry => {
      const { enqueuedAt, ...more } = entry(String(id), { flow: `flow ${id % 5_000}`, asker: 'home' })
      return Object.defineProperty(more, 'enqueuedAt', {
        get: () => {
          looks += 1
          return enqueuedAt
        },
      }) as Entry
    }
    const queue = new RealmQueue<Entry>()
    const entries = Array.from({ length: 20_000 }, (_, i) => counting(i))
    for (const each of entries) queue.add(each)
    assert.equal(looks, 0, 'arrivals')
    for (const each of entries.slice(0, 1_000)) queue.remove(each)
    assert.equal(looks, 0, 'those that leave')
    for (let i = 0; i < 1_000; i += 1) queue.take(0, anyone)
    assert.ok(looks <= 3 * 1_000, `${looks} looks for 1,000 that were taken`)
    looks = 0
    assert.equal(queue.first(100, 0).length, 100)
    assert.ok(looks <= 3 * 100, `${looks} looks for the first 100`)
  })

  it('neither loses nor doubles an entry, and starves nobody, over random arrivals', () => {
    const classes = fc.constantFrom<Asker>('own', 'home', 'friend', 'stranger')
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), asker: classes, flow: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('leave' as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(4 * AGE_STEP_MS) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new RealmQueue<Entry>()
        const waiting = new Map<string, Entry>()
        let now = 0
        let next = 0
        for (const action of steps) {
          if (action.kind === 'wait') now += action.ms
          else if (action.kind === 'add') {
            const added = entry(`e${next++}`, { asker: action.asker, flow: action.flow, enqueuedAt: now })
            queue.add(added)
            waiting.set(added.id, added)
          } else if (action.kind === 'leave') {
            const all = [...waiting.values()]
            const leaver = all[action.pick % Math.max(1, all.length)]
            if (leaver === undefined) continue
            queue.remove(leaver)
            waiting.delete(leaver.id)
          } else {
            const taken = queue.take(now, anyone)
            assert.equal(taken === undefined, waiting.size === 0)
            if (taken === undefined) continue
            const overdue = [...waiting.values()].filter(
              (e) => now - e.enqueuedAt >= 3 * AGE_STEP_MS && e.asker !== 'own',
            )
            if (overdue.length > 0)
              assert.ok(now - taken.enqueuedAt >= AGE_STEP_MS, 'fresh work overtook what is overdue')
            assert.ok(waiting.delete(taken.id), 'taken twice')
          }
          assert.equal(queue.size, waiting.size)
        }
        assert.deepEqual(new Set(drain(queue, now)), new Set(waiting.keys()))
      }),
      { numRuns: 300 },
    )
  })

  it('is fair within 20 % between flows of one class that all have work', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 300 }), { minLength: 2, maxLength: 8 }), (sizes) => {
        const queue = new RealmQueue<Entry>()
        const jobs = sizes.flatMap((count, flow) => Array.from({ length: count }, (_, i) => ({ flow, i })))
        jobs.forEach(({ flow, i }) => {
          queue.add(entry(`${flow}-${i}`, { flow: String(flow), asker: 'home' }))
        })
        const served = sizes.map(() => 0)
        const rounds = 50 * sizes.length
        for (let taken = 0; taken < rounds; taken += 1) {
          const flow = Number(queue.take(0, anyone)?.flow)
          served[flow] = (served[flow] ?? 0) + 1
        }
        for (const count of served) assert.ok(Math.abs(count - 50) <= 10, `served ${served.join(', ')}`)
      }),
      { numRuns: 50 },
    )
  })
})
