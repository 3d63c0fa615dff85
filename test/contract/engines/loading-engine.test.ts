/** An engine that answers, but has not loaded its model yet: a state and no fault. */
import assert from 'node:assert/strict'
import { systemClock } from '../../../core/run/clock.ts'
import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import { WorkerPool } from '../../../workers/pool/worker-pool.ts'
import { collect, textOf } from '../../support/collect.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import { chatQuery } from '../../support/query.ts'

describe('an engine that still loads', () => {
  const never = new AbortController().signal

  it('keeps a query, which hears of the loading and is answered', async () => {
    const stub = await startStub('llama-server', { loadingReplies: 2 })
    const engine = new OpenAiEngine({ kind: 'llama-server', url: stub.url })
    const events = await collect(engine.run(chatQuery(), { signal: never }))
    assert.deepEqual(
      events.slice(0, 2).map((event) => event.kind === 'progress' && event.note),
      ['llama-server loads the model', 'llama-server loads the model'],
    )
    assert.ok(textOf(events).length > 0)
    await engine.close()
    await stub.stop()
  })

  it('lets a query go that is cancelled meanwhile', async () => {
    const stub = await startStub('llama-server', { loadingReplies: -1 })
    const engine = new OpenAiEngine({ kind: 'llama-server', url: stub.url })
    const cancel = new AbortController()
    await assert.rejects(
      async () => {
        for await (const event of engine.run(chatQuery(), { signal: cancel.signal })) {
          assert.equal(event.kind, 'progress')
          cancel.abort()
        }
      },
      { code: 'CANCELLED' },
    )
    await engine.close()
    await stub.stop()
  })

  it('is a worker that is up and busy, says why, and serves once it has loaded', async () => {
    const stub = await startStub('llama-server', { loadingReplies: -1 })
    const pool = new WorkerPool({ clock: systemClock }, { probeIntervalMs: 20 })
    await pool.start()
    const worker = await pool.add(new OpenAiEngine({ kind: 'llama-server', url: stub.url }), { name: 'rig' })
    assert.deepEqual([worker.vitals.up, worker.availability('own')], [true, 'busy'])
    assert.match(pool.status()[0]?.reason ?? '', /loads its model/)
    const served = new Promise<void>((resolve) => {
      const stop = pool.onChange(() => {
        if (worker.availability('own') !== 'free' || worker.models.all.length === 0) return
        stop()
        resolve()
      })
    })
    stub.knobs = { ...stub.knobs, loadingReplies: 0 }
    await served
    assert.equal(worker.vitals.health.score, 100)
    await pool.stop()
    await stub.stop()
  })
})
