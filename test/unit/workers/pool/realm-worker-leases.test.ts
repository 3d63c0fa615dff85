import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Query } from '../../../../core/query/query.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { RealmWorkerManager } from '../../../../workers/pool/realm-worker-manager.ts'
import type { WorkerLease } from '../../../../workers/pool/worker-lease.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { CHAT } from '../../../support/realm-bench.ts'

const { signal } = new AbortController()

describe('the leases of a realm', () => {
  it('are given for tokens while all slots are taken, and for nothing else', async () => {
    const pool = new WorkerPool({ clock: new ManualClock() })
    await pool.start()
    await pool.add(new FakeEngine({ slots: 1, models: [fakeModel('tiny', { types: ['chat', 'tokens'] })] }), {
      name: 'w',
    })
    const types = { queryTypes: ['chat', 'tokens'] } as const
    const workers = new RealmWorkerManager({ pool, rng: () => 0 }, { ...CHAT, ...types })
    const { type: _, body: __, ...envelope } = chatQuery()
    const counts: Query = { ...envelope, type: 'tokens', body: { text: 'a' } }
    const chat = workers.reserve(chatQuery(), { asker: 'own' })
    assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
    const counting = workers.reserve(counts, { asker: 'own' })
    assert.equal(counting?.model, 'tiny')
    counting?.release()
    assert.equal(workers.reserve(chatQuery(), { asker: 'own' }), undefined)
    chat?.release()
    assert.ok(workers.reserve(chatQuery(), { asker: 'own' }) !== undefined)
    await pool.stop()
  })

  it('are never more than its slots, whatever is reserved, ended, failed or released', async () => {
    const step = fc.record({
      act: fc.constantFrom('reserve', 'end', 'fail', 'leave', 'release'),
      index: fc.nat(7),
      named: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.array(step),
        async (slots, steps) => {
          const ownPool = new WorkerPool({ clock: new ManualClock() })
          await ownPool.start()
          const engines = new Map(slots.map((count, i) => [`w${i}`, new FakeEngine({ slots: count })]))
          for (const [name, engine] of engines) await ownPool.add(engine, { name })
          const workers = new RealmWorkerManager({ pool: ownPool, rng: () => 0.5 }, { ...CHAT, strategy: 'random' })
          const held: WorkerLease[] = []
          const total = slots.reduce((sum, count) => sum + count, 0)
          for (const { act, index, named } of steps) {
            await play(act, index, named, workers, held, engines)
            const running = ownPool.list().map((worker) => worker.slots.own)
            for (const [i, count] of running.entries()) assert.ok(count <= (slots[i] ?? 0))
            assert.equal(
              running.reduce((sum, count) => sum + count, 0),
              held.length,
            )
            assert.ok(held.length <= total)
          }
          for (const lease of held) lease.release()
          assert.deepEqual(
            ownPool.list().map((worker) => worker.slots.own),
            slots.map(() => 0),
          )
          await ownPool.stop()
        },
      ),
      { numRuns: 60 },
    )
  })
})

/** One step of the property: `end`, `fail` and `leave` run a lease before it is released, twice. */
async function play(
  act: 'reserve' | 'end' | 'fail' | 'leave' | 'release',
  index: number,
  named: boolean,
  workers: RealmWorkerManager,
  held: WorkerLease[],
  engines: ReadonlyMap<string, FakeEngine>,
): Promise<void> {
  const query = chatQuery({ model: named ? 'tiny' : 'auto' })
  if (act === 'reserve') {
    try {
      const lease = workers.reserve(query, { asker: 'own' })
      if (lease !== undefined) held.push(lease)
    } catch (error) {
      // An open breaker is a fair answer.
      assert.equal(error instanceof RealmeshError && error.code, 'NO_WORKER')
    }
    return
  }
  const [lease] = held.splice(index, 1)
  if (lease === undefined) return
  if (act !== 'release') await runOnce(act, lease, query, engines.get(lease.worker) ?? assert.fail('no engine'))
  lease.release()
  lease.release()
}

async function runOnce(
  act: 'end' | 'fail' | 'leave',
  lease: WorkerLease,
  query: ReturnType<typeof chatQuery>,
  engine: FakeEngine,
): Promise<void> {
  engine.script = (run) => (act === 'end' ? run.end() : run.fail(new RealmeshError('ENGINE_FAILED', 'out of memory')))
  const events = lease.run(query, { signal })[Symbol.asyncIterator]()
  await events.next()
  if (act === 'leave') await events.return?.()
  else if (act === 'end') assert.equal((await events.next()).done, false)
  else await assert.rejects(events.next(), { code: 'ENGINE_FAILED' })
}
