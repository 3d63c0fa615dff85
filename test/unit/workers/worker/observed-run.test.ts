import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { observedRun, type RunClosing } from '../../../../workers/worker/observed-run.ts'
import { collect } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const start = { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'tiny' } as const
const end = { kind: 'end', finishReason: 'stop' } as const
const image = { kind: 'image', index: 0, mediaType: 'image/png', data: new Uint8Array() } as const

describe('observedRun', () => {
  let clock: ManualClock
  let closings: RunClosing[]
  let begun: number
  let left: number
  beforeEach(() => {
    clock = new ManualClock()
    closings = []
    begun = 0
    left = 0
  })

  /** A run that takes 100 ms before each event. */
  const observe = (...events: (QueryEvent | Error)[]): AsyncGenerator<QueryEvent> => {
    async function* inner(): AsyncGenerator<QueryEvent> {
      try {
        for (const event of events) {
          clock.advance(100)
          if (event instanceof Error) throw event
          yield event
        }
      } finally {
        left += 1
      }
    }
    const begin = (): AsyncIterable<QueryEvent> => {
      begun += 1
      return inner()
    }
    return observedRun({ clock }, { start, begin, onClosed: (closing) => closings.push(closing) })
  }

  it('begins when it is read, with the start, and passes everything on', async () => {
    const run = observe({ kind: 'text', text: 'a' }, end)
    assert.equal(begun, 0)
    assert.deepEqual(await collect(run), [start, { kind: 'text', text: 'a' }, end])
    assert.equal(begun, 1)
  })

  it('times the first event with content and the end, once', async () => {
    await collect(observe({ kind: 'progress', fraction: 0.5 }, { kind: 'reasoning', text: 'hm' }, image, end))
    assert.deepEqual(closings, [{ kind: 'served', seen: { firstMs: 200, totalMs: 400, images: 1, end } }])
  })

  it('tells of a failure and passes it on', async () => {
    const error = new Error('broken')
    await assert.rejects(collect(observe({ kind: 'text', text: 'a' }, error)), error)
    assert.deepEqual(closings, [{ kind: 'failed', error }])
  })

  it('tells of an engine that cannot even begin', async () => {
    const error = new Error('no such type')
    const begin = (): never => {
      throw error
    }
    const run = observedRun({ clock }, { start, begin, onClosed: (closing) => closings.push(closing) })
    await assert.rejects(run.next(), error)
    assert.deepEqual(closings, [{ kind: 'failed', error }])
  })

  it('takes an answer without an end for a failure', async () => {
    await assert.rejects(collect(observe({ kind: 'text', text: 'a' })), { code: 'ENGINE_GARBAGE' })
    assert.equal(closings[0]?.kind, 'failed')
  })

  it('leaves the engine when its reader leaves', async () => {
    for await (const event of observe({ kind: 'text', text: 'a' }, end)) if (event.kind === 'text') break
    assert.deepEqual(closings, [{ kind: 'left' }])
    assert.equal(left, 1)
  })

  it('has nothing to tell when its reader leaves before the first event', async () => {
    const run = observe(end)
    await run.return(undefined)
    assert.deepEqual(await run.next(), { done: true, value: undefined })
    assert.deepEqual([begun, closings], [0, []])
  })
})
