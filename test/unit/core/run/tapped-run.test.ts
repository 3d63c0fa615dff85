import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { type Tap, tappedRun } from '../../../../core/run/tapped-run.ts'
import { collect } from '../../../support/collect.ts'

const text = (value: string): QueryEvent => ({ kind: 'text', text: value })
const end: QueryEvent = { kind: 'end', finishReason: 'stop' }

describe('tappedRun', () => {
  let told: string[]
  beforeEach(() => {
    told = []
  })

  /** A source that tells when it begins and when it is let go. */
  async function* source(...events: (QueryEvent | Error)[]): AsyncGenerator<QueryEvent> {
    told.push('begun')
    try {
      for (const event of events) {
        if (event instanceof Error) throw event
        yield event
      }
    } finally {
      told.push('let go')
    }
  }

  function tap<R = void>(more: Partial<Tap<R>> = {}): Tap<R> {
    return { onEvent: (event) => event, onClosed: () => told.push('closed'), ...more }
  }

  it('passes every event on, and closes once behind the source', async () => {
    assert.deepEqual(await collect(tappedRun(() => source(text('a'), end), tap())), [text('a'), end])
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('puts its own event before all others, unseen by the tap', async () => {
    const seen: QueryEvent[] = []
    const onEvent = (event: QueryEvent): QueryEvent => {
      seen.push(event)
      return event
    }
    assert.deepEqual(await collect(tappedRun(() => source(end), tap({ first: text('first'), onEvent }))), [
      text('first'),
      end,
    ])
    assert.deepEqual(seen, [end])
  })

  it('hands on what the tap makes of an event', async () => {
    const onEvent = (event: QueryEvent): QueryEvent => (event.kind === 'text' ? text('b') : event)
    assert.deepEqual(await collect(tappedRun(() => source(text('a'), end), tap({ onEvent }))), [text('b'), end])
  })

  it('starts nothing and tells nothing when nobody reads', async () => {
    await tappedRun(() => source(end), tap()).return(undefined)
    assert.deepEqual(told, [])
  })

  it('lets the source go before it closes when its reader leaves', async () => {
    for await (const _ of tappedRun(() => source(text('a'), end), tap())) break
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('is over for good once its reader has left', async () => {
    const run = tappedRun(() => source(text('a'), end), tap())
    await run.next()
    await run.return(undefined)
    assert.deepEqual(await run.next(), { done: true, value: undefined })
  })

  it('throws what the source throws, or what the tap makes of it', async () => {
    await assert.rejects(collect(tappedRun(() => source(new Error('broken')), tap())), { message: 'broken' })
    const onError = (error: unknown): never => {
      throw new Error('better', { cause: error })
    }
    await assert.rejects(collect(tappedRun(() => source(new Error('broken')), tap({ onError }))), { message: 'better' })
    assert.deepEqual(told, ['begun', 'let go', 'closed', 'begun', 'let go', 'closed'])
  })

  it('ends quietly with a result when the tap takes the error for one', async () => {
    const run = tappedRun(() => source(new Error('broken')), tap({ onError: () => 'failed' }))
    assert.deepEqual(await run.next(), { done: true, value: 'failed' })
  })

  it('gives its result to who reads it by yield*', async () => {
    async function* reader(): AsyncGenerator<QueryEvent> {
      told.push(`result ${yield* tappedRun(() => source(end), tap({ onDone: () => 'well' }))}`)
    }
    assert.deepEqual(await collect(reader()), [end])
    assert.equal(told.at(-1), 'result well')
  })

  it('fails, and lets the source go, when the tap throws at an event', async () => {
    const onEvent = (): never => {
      throw new Error('refused')
    }
    await assert.rejects(collect(tappedRun(() => source(text('a'), end), tap({ onEvent }))), { message: 'refused' })
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('fails when the run cannot even begin', async () => {
    const begin = (): never => {
      throw new Error('no')
    }
    await assert.rejects(collect(tappedRun(begin, tap())), { message: 'no' })
    assert.deepEqual(told, ['closed'])
  })
})
