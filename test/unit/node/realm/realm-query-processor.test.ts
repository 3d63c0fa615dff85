import assert from 'node:assert/strict'
import { once } from 'node:events'
import fc from 'fast-check'
import { imagesOf } from '../../../../core/query/chat-text.ts'
import { isChat } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import type { RunQuery } from '../../../../core/run/run-query.ts'
import { RealmQueryProcessor } from '../../../../node/realm/realm-query-processor.ts'
import { RealmWorkerManager } from '../../../../workers/pool/realm-worker-manager.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { FakeEngine } from '../../../support/fake-engine.ts'
import { answersHello, FakeRealmWorkers } from '../../../support/fake-realm-workers.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { photo, tellsMore } from '../../../support/picture.ts'
import { platformSignal } from '../../../support/platform-signal.ts'
import { chatQuery } from '../../../support/query.ts'
import { until } from '../../../support/until.ts'

const { signal } = linkedAbort()

function processor(
  workers: FakeRealmWorkers,
  init: { maxWaitMs?: number; maxLength?: number; concurrency?: number } = {},
) {
  const clock = new ManualClock()
  const made = new RealmQueryProcessor(
    { workers, clock },
    { realm: '$CHAT', maxWaitMs: 30_000, maxLength: 100, ...init },
  )
  return { clock, processor: made }
}

/** A run that holds its slot until the test lets it go. */
function gate(): { run: RunQuery; open: () => void; started: Promise<void> } {
  const opened = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  const run: RunQuery = async function* (query, options) {
    began.resolve()
    await Promise.race([opened.promise, once(platformSignal(options.signal), 'abort')])
    options.signal.throwIfAborted()
    yield* answersHello(query, options)
  }
  return { run, open: opened.resolve, started: began.promise }
}

const failsWith = (code: 'ENGINE_FAILED' | 'BAD_REQUEST' | 'CONTEXT_TOO_LONG', afterText = false): RunQuery =>
  async function* () {
    if (afterText) yield { kind: 'text', text: 'hel' }
    throw new RealmeshError(code, 'broken')
  }

describe('RealmQueryProcessor', () => {
  it('runs at once while a slot is free, and counts it', async () => {
    const workers = new FakeRealmWorkers({ w: {} })
    const { processor: realm } = processor(workers)
    const events = await collect(realm.run(chatQuery(), { signal, asker: 'own' }))
    assert.deepEqual(
      events.map((e) => e.kind),
      ['start', 'text', 'end'],
    )
    assert.equal(realm.counters.processedQueries, 1)
    assert.equal(workers.running, 0)
  })

  it('counts an answer whose reader leaves right after its end', async () => {
    const { processor: realm } = processor(new FakeRealmWorkers({ w: {} }))
    for await (const event of realm.run(chatQuery(), { signal, asker: 'own' })) if (event.kind === 'end') break
    assert.equal(realm.counters.processedQueries, 1)
  })

  it('tells a waiting client its place, and serves it when the slot is free', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm } = processor(workers)
    const first = collect(realm.run(chatQuery({ id: 'a' }), { signal, asker: 'own' }))
    await started
    const second = realm.run(chatQuery({ id: 'b' }), { signal, asker: 'own' })
    assert.deepEqual((await second.next()).value, { kind: 'queued', position: 1, estimatedWaitMs: 1_000 })
    assert.equal(realm.queued, 1)
    open()
    assert.equal(textOf(await first), 'hello')
    assert.equal(textOf(await collect(second)), 'hello')
  })

  it('tries another worker when one fails before the first content', async () => {
    const workers = new FakeRealmWorkers({ bad: { run: failsWith('ENGINE_FAILED') }, good: {} })
    const { processor: realm } = processor(workers)
    assert.equal(textOf(await collect(realm.run(chatQuery(), { signal, asker: 'own' }))), 'hello')
    assert.equal(realm.counters.errorCount, 0)
  })

  it('asks another worker when the window of one is too small', async () => {
    const workers = new FakeRealmWorkers({ small: { run: failsWith('CONTEXT_TOO_LONG') }, large: {} })
    const { processor: realm } = processor(workers)
    assert.equal(textOf(await collect(realm.run(chatQuery(), { signal, asker: 'own' }))), 'hello')
  })

  it('does not hide a failure after the first content', async () => {
    const workers = new FakeRealmWorkers({ bad: { run: failsWith('ENGINE_FAILED', true) }, good: {} })
    const { processor: realm } = processor(workers)
    await assert.rejects(collect(realm.run(chatQuery(), { signal, asker: 'own' })), { code: 'ENGINE_FAILED' })
    assert.equal(realm.counters.errorCount, 1)
    assert.equal(workers.running, 0)
  })

  it('does not retry what no other worker would cure', async () => {
    const workers = new FakeRealmWorkers({ bad: { run: failsWith('BAD_REQUEST') }, good: {} })
    const { processor: realm } = processor(workers)
    await assert.rejects(collect(realm.run(chatQuery(), { signal, asker: 'own' })), { code: 'BAD_REQUEST' })
  })

  it('refuses a peer at the door when one more would wait too long, and says when to come back', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    workers.meanJobMs = 10_000
    const { processor: realm } = processor(workers)
    const running = collect(realm.run(chatQuery(), { signal, asker: 'own' }))
    await started
    const refused = collect(realm.run(chatQuery({ id: 'p', origin: 'peer' }), { signal, asker: 'home' }))
    await assert.rejects(refused, (error: RealmeshError) => {
      assert.equal(error.code, 'REALM_OVERLOADED')
      assert.ok((error.retryAfterMs ?? 0) > 0)
      return true
    })
    open()
    await running
  })

  it('refuses a query of a batch at once where no slot is free, and counts no failure', async () => {
    const { run, open, started } = gate()
    const { processor: realm } = processor(new FakeRealmWorkers({ w: { run } }))
    const running = collect(realm.run(chatQuery(), { signal, asker: 'own' }))
    await started
    const refused = collect(realm.run(chatQuery({ id: 'b', priority: 'batch' }), { signal, asker: 'own' }))
    await assert.rejects(refused, { code: 'REALM_OVERLOADED', retryAfterMs: 1_000 })
    assert.equal(realm.queued, 0)
    assert.equal(realm.counters.errorCount, 0)
    open()
    await running
  })

  it('has a batch give way to a query that would have to wait, and to no other batch', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm } = processor(workers)
    const batch = collect(realm.run(chatQuery({ id: 'b', priority: 'batch' }), { signal, asker: 'own' }))
    await started
    const other = collect(realm.run(chatQuery({ id: 'c', priority: 'batch' }), { signal, asker: 'own' }))
    await assert.rejects(other, { code: 'REALM_OVERLOADED' })
    assert.equal(workers.roomAsked, 0)
    const waits = realm.run(chatQuery(), { signal, asker: 'own' })
    await waits.next()
    assert.equal(workers.roomAsked, 1)
    open()
    await Promise.all([batch, collect(waits)])
  })

  it('does not count batches against the queries that may run at once', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { slots: 2, run } })
    const { processor: realm } = processor(workers, { concurrency: 1 })
    const batch = collect(realm.run(chatQuery({ id: 'b', priority: 'batch' }), { signal, asker: 'own' }))
    await started
    const other = collect(realm.run(chatQuery({ id: 'c', priority: 'batch' }), { signal, asker: 'own' }))
    await assert.rejects(other, { code: 'REALM_OVERLOADED' })
    const live = collect(realm.run(chatQuery(), { signal, asker: 'own' }))
    await until('both run', () => workers.running === 2)
    open()
    await Promise.all([batch, live])
  })

  it('gives the slot of a batch to the query that waits for it, with real workers', async () => {
    const clock = new ManualClock()
    const pool = new WorkerPool({ clock })
    await pool.start()
    const engine = new FakeEngine()
    await pool.add(engine, { name: 'rig' })
    const workers = new RealmWorkerManager({ pool }, { realm: '$CHAT', queryTypes: ['chat'], node: 'me' })
    const realm = new RealmQueryProcessor({ workers, clock }, { realm: '$CHAT', maxWaitMs: 30_000, maxLength: 10 })
    const batch = collect(realm.run(chatQuery({ id: 'b', priority: 'batch' }), { signal, asker: 'own' }))
    await until('the batch runs', () => engine.runs.length === 1)
    engine.runs[0]?.text('half')
    const live = collect(realm.run(chatQuery(), { signal, asker: 'stranger' }))
    await assert.rejects(batch, { code: 'REALM_OVERLOADED' })
    assert.equal(engine.runs[0]?.signal.aborted, true)
    await until('the other runs', () => engine.runs.length === 2)
    engine.runs[1]?.text('at once').end()
    assert.equal(textOf(await live), 'at once')
    assert.equal(realm.counters.errorCount, 0)
    await pool.stop()
  })

  it('refuses an own query only when the queue is full or too slow', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm } = processor(workers, { maxLength: 1 })
    const running = collect(realm.run(chatQuery({ id: '1' }), { signal, asker: 'own' }))
    await started
    const waiting = realm.run(chatQuery({ id: '2' }), { signal, asker: 'own' })
    await waiting.next()
    await assert.rejects(collect(realm.run(chatQuery({ id: '3' }), { signal, asker: 'own' })), {
      code: 'REALM_OVERLOADED',
    })
    open()
    await Promise.all([running, collect(waiting)])
  })

  it('cancels a queued query without touching the one that runs', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm, clock } = processor(workers)
    const running = collect(realm.run(chatQuery({ id: '1' }), { signal, asker: 'own' }))
    await started
    const abort = new AbortController()
    const waiting = collect(realm.run(chatQuery({ id: '2' }), { signal: abort.signal, asker: 'own' }))
    abort.abort()
    await assert.rejects(waiting, { code: 'CANCELLED' })
    assert.equal(realm.queued, 0)
    open()
    await running
    assert.equal(clock.pending, 0)
  })

  it('gives a slot back when its reader leaves between being granted and reading on', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm } = processor(workers)
    const running = collect(realm.run(chatQuery({ id: '1' }), { signal, asker: 'own' }))
    await started
    const waiting = realm.run(chatQuery({ id: '2' }), { signal, asker: 'own' })
    await waiting.next()
    open()
    await running
    await waiting.return(undefined)
    assert.equal(workers.running, 0)
    assert.equal(realm.running, 0)
  })

  it('never runs more than its concurrency, whatever the slots', async () => {
    const workers = new FakeRealmWorkers({ w: { slots: 8 } })
    const { processor: realm } = processor(workers, { concurrency: 2 })
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        collect(realm.run(chatQuery({ id: String(i), user: `u${i % 3}` }), { signal, asker: 'own' })),
      ),
    )
    assert.ok(workers.most <= 2, `${workers.most} at once`)
    assert.equal(realm.counters.processedQueries, 12)
  })

  it('takes nothing new while it drains, and ends what waits when it closes', async () => {
    const { run, open, started } = gate()
    const workers = new FakeRealmWorkers({ w: { run } })
    const { processor: realm } = processor(workers)
    const running = collect(realm.run(chatQuery({ id: '1' }), { signal, asker: 'own' }))
    await started
    const waiting = collect(realm.run(chatQuery({ id: '2' }), { signal, asker: 'own' }))
    realm.drain()
    await assert.rejects(collect(realm.run(chatQuery({ id: '3' }), { signal, asker: 'own' })), { code: 'DRAINING' })
    realm.close()
    await assert.rejects(waiting, { code: 'DRAINING' })
    open()
    await running
    assert.equal(workers.listeners, 0)
  })

  for (const asker of ['home', 'friend'] as const) {
    it(`lets a query of ${asker} wait at busy workers that serve no strangers, and tells how long`, async () => {
      const clock = new ManualClock()
      const pool = new WorkerPool({ clock })
      const engine = new FakeEngine()
      await pool.add(engine, { name: 'rig', scope: asker === 'home' ? 'home' : 'friends', slots: 8 })
      await pool.start()
      const workers = new RealmWorkerManager({ pool }, { realm: '$CHAT', queryTypes: ['chat'], node: 'me' })
      const realm = new RealmQueryProcessor({ workers, clock }, { realm: '$CHAT', maxWaitMs: 30_000, maxLength: 100 })
      const ask = (id: string) => realm.run(chatQuery({ id, origin: 'peer' }), { signal, asker })
      const running = Array.from({ length: 8 }, (_, i) => ask(`r${i}`))
      for (const run of running) await run.next()
      const waiting = ask('next')
      assert.deepEqual((await waiting.next()).value, { kind: 'queued', position: 1, estimatedWaitMs: 250 })
      await waiting.return(undefined)
      for (const run of running) await run.return(undefined)
      await pool.stop()
    })
  }

  for (const [asker, cleans] of [
    ['own', false],
    ['home', false],
    ['friend', true],
    ['stranger', true],
  ] as const) {
    it(`${cleans ? 'cleans' : 'does not encode again'} the pictures of a query of ${asker}`, async () => {
      const seen: boolean[] = []
      const looks: RunQuery = async function* (query, options) {
        for (const image of isChat(query) ? query.body.messages.flatMap(imagesOf) : [])
          seen.push(await tellsMore(image))
        yield* answersHello(query, options)
      }
      const { processor: realm } = processor(new FakeRealmWorkers({ w: { run: looks } }))
      const query = chatQuery({ type: 'vision', body: { messages: [{ role: 'user', content: [await photo()] }] } })
      await collect(realm.run(query, { signal, asker }))
      assert.deepEqual(seen, [!cleans])
    })
  }

  it('gives the slot back when a stranger sends what is no picture, and blames no worker', async () => {
    const workers = new FakeRealmWorkers({ w: {} })
    const { processor: realm } = processor(workers)
    const content = [{ ...(await photo()), data: 'AAAA' }]
    const query = chatQuery({ type: 'vision', body: { messages: [{ role: 'user', content }] } })
    await assert.rejects(collect(realm.run(query, { signal, asker: 'stranger' })), { code: 'BAD_REQUEST' })
    assert.equal(workers.running, 0)
  })

  it('ends every accepted query exactly once and holds no slot afterwards, over random loads', async () => {
    const job = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      peer: fc.boolean(),
      fate: fc.constantFrom('answer', 'fail', 'cut', 'leave', 'abort'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (jobs, slots) => {
        const run: RunQuery = async function* (query, options) {
          await Promise.resolve()
          options.signal.throwIfAborted()
          const fate = jobs[Number(query.id)]?.fate
          if (fate === 'fail') throw new RealmeshError('ENGINE_FAILED', 'broken', { retryable: false })
          yield { kind: 'text', text: 'hel' }
          if (fate === 'cut') throw new RealmeshError('ENGINE_FAILED', 'cut')
          yield { kind: 'end', finishReason: 'stop' }
        }
        const workers = new FakeRealmWorkers({ w: { slots, run } })
        const { processor: realm } = processor(workers, { maxWaitMs: 1_000_000 })
        const ends = await Promise.all(
          jobs.map(async ({ user, peer, fate }, i) => {
            const abort = new AbortController()
            const query = chatQuery({ id: String(i), user, ...(peer ? { origin: 'p' } : {}) })
            const events: AsyncIterable<QueryEvent> = realm.run(query, {
              signal: abort.signal,
              asker: peer ? 'home' : 'own',
            })
            if (fate === 'abort') queueMicrotask(() => abort.abort())
            try {
              for await (const event of events) if (fate === 'leave' && event.kind === 'text') return 'left'
              return 'end'
            } catch (error) {
              return error instanceof RealmeshError ? error.code : 'unknown'
            }
          }),
        )
        assert.equal(ends.length, jobs.length)
        assert.ok(!ends.includes('unknown'), ends.join(' '))
        assert.ok(workers.most <= slots)
        assert.equal(workers.running, 0)
        assert.equal(realm.running, 0)
        assert.equal(realm.queued, 0)
      }),
      { numRuns: 100 },
    )
  })
})
