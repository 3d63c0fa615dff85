import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Asker } from '../../../../core/scope.ts'
import { AGE_STEP_MS, type QueueEntry, RealmQueue } from '../../../../node/realm/realm-queue.ts'

const entry = (id: string, overrides: Partial<QueueEntry> = {}): QueueEntry => ({
  id,
  asker: 'own',
  flow: 'alice',
  enqueuedAt: 0,
  ...overrides,
})

const anyone = (): boolean => true

function drain(queue: RealmQueue<QueueEntry>, now = 0): string[] {
  const order: string[] = []
  for (let next = queue.take(now, anyone); next !== undefined; next = queue.take(now, anyone)) order.push(next.id)
  return order
}

describe('RealmQueue', () => {
  it('serves own users before home, friends and strangers', () => {
    const queue = new RealmQueue<QueueEntry>()
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
    const queue = new RealmQueue<QueueEntry>()
    for (const id of ['a1', 'a2', 'a3']) queue.add(entry(id, { flow: 'alice' }))
    queue.add(entry('b1', { flow: 'bob' }))
    queue.add(entry('c1', { flow: 'carol' }))
    assert.deepEqual(drain(queue), ['a1', 'b1', 'c1', 'a2', 'a3'])
  })

  it('lifts a stranger above fresh own work once it has waited long enough', () => {
    const queue = new RealmQueue<QueueEntry>()
    queue.add(entry('old', { asker: 'stranger', enqueuedAt: 0 }))
    const now = 3 * AGE_STEP_MS
    queue.add(entry('fresh', { enqueuedAt: now }))
    assert.equal(queue.take(now - 1, (e) => e.id === 'fresh' || e.id === 'old')?.id, 'fresh')
    queue.add(entry('fresh2', { enqueuedAt: now }))
    assert.equal(queue.take(now, anyone)?.id, 'old')
  })

  it('keeps the place of an entry whose worker is busy', () => {
    const queue = new RealmQueue<QueueEntry>()
    for (const id of ['x', 'y', 'z']) queue.add(entry(id))
    assert.equal(queue.take(0, (e) => e.id === 'y')?.id, 'y')
    assert.deepEqual(drain(queue), ['x', 'z'])
  })

  it('refuses the same id twice while it waits', () => {
    const queue = new RealmQueue<QueueEntry>()
    queue.add(entry('x'))
    assert.throws(() => queue.add(entry('x')), RangeError)
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
        const queue = new RealmQueue<QueueEntry>()
        const waiting = new Map<string, QueueEntry>()
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
        const queue = new RealmQueue<QueueEntry>()
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
