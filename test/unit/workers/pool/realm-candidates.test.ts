import assert from 'node:assert/strict'
import type { Match } from '../../../../workers/pool/model-match.ts'
import { type Candidate, candidateOf, chooseTier, whyNone } from '../../../../workers/pool/realm-candidates.ts'
import { WorkerPool } from '../../../../workers/pool/worker-pool.ts'
import type { Worker } from '../../../../workers/worker/worker.ts'
import { FakeEngine, fakeModel } from '../../../support/fake-engine.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const tiny = fakeModel('tiny')
const needs = (promptTokens: number) => ({ type: 'chat', capabilities: [], promptTokens }) as const
const end = { kind: 'end', finishReason: 'stop' } as const

describe('candidates of a realm', () => {
  let pool: WorkerPool
  beforeEach(async () => {
    pool = new WorkerPool({ clock: new ManualClock() })
    await pool.start()
  })
  afterEach(() => pool.stop())

  const add = (name: string, kind = 'fake'): Promise<Worker> => pool.add(new FakeEngine({ kind, slots: 2 }), { name })

  describe('candidateOf', () => {
    const seen = { model: 'tiny', totalMs: 2_000, images: 0 }
    const withPrefill = { ...end, timings: { prefillTokensPerSecond: 100 } }

    it('expects the first token by the length of the prompt, where the speed of prefill is known', async () => {
      const worker = await add('rig')
      assert.equal(candidateOf(worker, tiny, needs(500)).firstTokenMs, undefined, 'never measured')
      worker.models.observe({ ...seen, firstMs: 300, warm: true, end })
      assert.equal(candidateOf(worker, tiny, needs(500)).firstTokenMs, 300)
      worker.models.observe({ ...seen, firstMs: 300, warm: true, end: withPrefill })
      assert.equal(candidateOf(worker, tiny, needs(500)).firstTokenMs, 5_000)
    })

    it('adds the time of loading for a model that is not in memory', async () => {
      const worker = await add('rig')
      worker.models.observe({ ...seen, firstMs: 300, warm: true, end })
      worker.models.report({ warmModels: [] })
      assert.equal(candidateOf(worker, tiny, needs(0)).firstTokenMs, 10_300, 'assumed, until a load was seen')
      worker.models.observe({ ...seen, firstMs: 4_300, warm: false, end: { ...end, timings: { loadMs: 4_000 } } })
      assert.equal(Math.round(candidateOf(worker, tiny, needs(0)).firstTokenMs ?? 0), 4_300)
    })
  })

  describe('chooseTier', () => {
    const tier = (candidates: readonly Candidate[]): readonly string[] => chooseTier(candidates).map(({ name }) => name)

    it('takes engines before built-ins, and models in memory before others', async () => {
      const guide = candidateOf(await add('guide', 'builtin/guide'), tiny, needs(0))
      const warm = candidateOf(await add('warm'), tiny, needs(0))
      const coldWorker = await add('cold')
      coldWorker.models.report({ warmModels: [] })
      const cold = candidateOf(coldWorker, tiny, needs(0))
      assert.deepEqual(tier([guide, cold, warm]), ['warm'])
      assert.deepEqual(tier([guide, cold]), ['cold'])
      assert.deepEqual(tier([guide]), ['guide'])
      assert.deepEqual(tier([]), [])
    })
  })

  describe('whyNone', () => {
    const FITS: Match = { kind: 'fit', model: tiny }
    const MISFIT: Match = { kind: 'misfit', misfit: { code: 'CONTEXT_TOO_LONG', message: 'too long', nearness: 1 } }
    const NONE: Match = { kind: 'none' }
    const own = { asker: 'own', exclude: new Set<string>() } as const

    it('says first what keeps the workers that fit, and when that ends', async () => {
      const worker = await add('rig')
      pool.pause(5_000)
      const matched = [
        { worker: await add('other'), match: MISFIT },
        { worker, match: FITS },
      ]
      const error = whyNone('$CHAT', chatQuery(), matched, { ...own, asker: 'home' })
      assert.equal(error.code, 'NO_WORKER')
      assert.equal(error.retryAfterMs, 5_000)
      assert.match(error.message, /\(paused by its owner\)/)
    })

    it('names workers to people of this node only', async () => {
      const worker = await add('rig')
      void pool.drain('rig')
      const matched = [{ worker, match: FITS }]
      assert.match(whyNone('$CHAT', chatQuery(), matched, own).message, /\(rig: draining\)/)
      assert.doesNotMatch(whyNone('$CHAT', chatQuery(), matched, { ...own, asker: 'stranger' }).message, /rig/)
    })

    it('says so when each that fits has failed the query', async () => {
      const matched = [{ worker: await add('rig'), match: FITS }]
      const error = whyNone('$CHAT', chatQuery(), matched, { asker: 'own', exclude: new Set(['rig']) })
      assert.match(error.message, /every worker that fits has failed it/)
    })

    const rest: readonly (readonly [what: string, match: Match, model: string, code: string])[] = [
      ['what the model lacks', MISFIT, 'tiny', 'CONTEXT_TOO_LONG'],
      ['that the model is not here', NONE, 'tiny', 'MODEL_NOT_FOUND'],
      ['that no worker serves such queries', NONE, 'auto', 'NO_WORKER'],
    ]
    for (const [what, match, model, code] of rest) {
      it(`says ${what}`, async () => {
        assert.equal(whyNone('$CHAT', chatQuery({ model }), [{ worker: await add('rig'), match }], own).code, code)
      })
    }
  })
})
