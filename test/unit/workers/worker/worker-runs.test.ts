import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Query } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import type { RunQuery } from '../../../../core/run/run-query.ts'
import type { ServedSample } from '../../../../workers/worker/model-rates.ts'
import { WorkerRuns } from '../../../../workers/worker/worker-runs.ts'
import type { RunOutcome } from '../../../../workers/worker/worker-vitals.ts'
import { collect } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { platformSignal } from '../../../support/platform-signal.ts'
import { chatQuery } from '../../../support/query.ts'
import { chatModel } from '../../../support/routing.ts'

const start = { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'tiny' } as const
const end = { kind: 'end', finishReason: 'stop' } as const
const image = { kind: 'image', index: 0, mediaType: 'image/png', data: new Uint8Array() } as const
const model = chatModel({
  digest: 'd',
  quantization: 'Q4',
  template: 't',
  defaults: { temperature: 0.8, repeat_penalty: 1.1 },
})
const by = { digest: 'd', quantization: 'Q4', template: 't', defaults: { temperature: 0.8, repeat_penalty: 1.1 } }
const ended = { ...end, by }
const text = { kind: 'text', text: 'a' } as const

describe('WorkerRuns', () => {
  let clock: ManualClock
  let settled: RunOutcome[]
  let samples: ServedSample[]
  let failures: unknown[]
  let begun: number
  let left: number
  let warm: boolean
  beforeEach(() => {
    clock = new ManualClock()
    settled = []
    samples = []
    failures = []
    begun = 0
    left = 0
    warm = true
  })

  function runs(run: RunQuery): WorkerRuns {
    const models = {
      isWarm: () => warm,
      markWarm: () => {},
      observe: (sample: ServedSample) => {
        samples.push(sample)
      },
    }
    return new WorkerRuns({ engine: { run }, clock, models, onFailed: (error) => failures.push(error) })
  }

  /** Only the first call counts, as at the worker's vitals. */
  const settle = (outcome: RunOutcome): void => {
    if (settled.length === 0) settled.push(outcome)
  }

  const { signal } = new AbortController()
  const run = (of: WorkerRuns): AsyncIterable<QueryEvent> => of.run(chatQuery(), { signal }, { model, start, settle })

  /** An engine that takes 100 ms before each event. */
  const engine = (...events: (QueryEvent | Error)[]): WorkerRuns =>
    runs(async function* () {
      begun += 1
      try {
        for (const event of events) {
          clock.advance(100)
          if (event instanceof Error) throw event
          yield event
        }
      } finally {
        left += 1
      }
    })

  it('tells by what it was computed: the model, the sampling that was sent, and defaults for the rest', async () => {
    const [, last] = await collect(run(engine({ ...end, by: { sent: { temperature: 0, seed: 1 } } })))
    const sent = { temperature: 0, seed: 1 }
    assert.deepEqual(last, { ...end, by: { ...by, sent, defaults: { repeat_penalty: 1.1 } } })
  })

  it('learns nothing of how fast a model is from a query that only counts', async () => {
    const { type: _, body: __, ...envelope } = chatQuery()
    const counts: Query = { ...envelope, type: 'tokens', body: { text: 'a' } }
    await collect(engine({ kind: 'tokens', count: 1 }, end).run(counts, { signal }, { model, start, settle }))
    assert.deepEqual([samples, settled], [[], [{ kind: 'served' }]])
  })

  it('begins when it is read, with the start, and passes everything on', async () => {
    const read = run(engine(text, end))
    assert.equal(begun, 0)
    assert.deepEqual(await collect(read), [start, text, ended])
    assert.equal(begun, 1)
  })

  it('says so when the model is not in memory, before the engine is asked', async () => {
    warm = false
    const loading = { kind: 'progress', fraction: 0, note: 'fake loads the model' }
    const seen: QueryEvent[] = []
    for await (const event of run(engine(text, end))) {
      seen.push(event)
      assert.equal(begun, seen.length > 2 ? 1 : 0)
    }
    assert.deepEqual(seen, [start, loading, text, ended])
  })

  it('times the first event with content and the end, once', async () => {
    warm = false
    await collect(run(engine({ kind: 'progress', fraction: 0.5 }, { kind: 'reasoning', text: 'hm' }, image, end)))
    assert.deepEqual(samples, [{ model: 'tiny', warm: false, firstMs: 200, totalMs: 400, images: 1, end }])
    assert.deepEqual(settled, [{ kind: 'served' }])
  })

  it('counts what was served although its reader leaves right after the end', async () => {
    for await (const event of run(engine(text, end))) if (event.kind === 'end') break
    assert.deepEqual(settled, [{ kind: 'served' }])
  })

  it('tells of a failure and passes it on', async () => {
    const error = new RealmeshError('ENGINE_FAILED', 'broken')
    await assert.rejects(collect(run(engine(text, error))), error)
    assert.deepEqual([settled, failures], [[{ kind: 'failed', error }], [error]])
  })

  it('blames no worker for a query that the engine cannot read', async () => {
    const error = new RealmeshError('BAD_REQUEST', 'no such parameter')
    await assert.rejects(collect(run(engine(error))), error)
    assert.deepEqual(settled, [{ kind: 'neutral' }])
  })

  it('tells of an engine that cannot even begin', async () => {
    const error = new RealmeshError('ENGINE_FAILED', 'no such type')
    const broken = runs(() => {
      throw error
    })
    await assert.rejects(collect(run(broken)), error)
    assert.deepEqual(settled, [{ kind: 'failed', error }])
  })

  it('takes an answer without an end for a failure', async () => {
    await assert.rejects(collect(run(engine(text))), { code: 'ENGINE_GARBAGE' })
    assert.equal(settled[0]?.kind, 'failed')
  })

  it('leaves the engine, and says nothing of its health, when its reader leaves', async () => {
    for await (const event of run(engine(text, end))) if (event.kind === 'text') break
    assert.deepEqual([settled, left], [[{ kind: 'neutral' }], 1])
  })

  it('has nothing to tell when its reader leaves before the first event', async () => {
    const read = run(engine(end))[Symbol.asyncIterator]()
    await read.return?.(undefined)
    assert.deepEqual(await read.next(), { done: true, value: undefined })
    assert.deepEqual([begun, settled], [0, []])
  })

  it('ends all that runs at once, and blames the worker for none of it', async () => {
    const hangs = runs(async function* (_, options) {
      await once(platformSignal(options.signal), 'abort')
      options.signal.throwIfAborted()
      yield end
    })
    const reading = [run(hangs), run(hangs)].map(collect)
    await new Promise((resolve) => setImmediate(resolve))
    hangs.abortAll(new RealmeshError('DRAINING', 'stopped'))
    for (const read of reading) await assert.rejects(read, { code: 'DRAINING' })
    assert.deepEqual([settled, failures], [[{ kind: 'neutral' }], []])
  })
})
