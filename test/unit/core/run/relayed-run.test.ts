import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { type Relay, relayedRun } from '../../../../core/run/relayed-run.ts'
import { collect } from '../../../support/collect.ts'

const text = (value: string): QueryEvent => ({ kind: 'text', text: value })
const end: QueryEvent = { kind: 'end', finishReason: 'stop' }

describe('relayedRun', () => {
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

  /** A run of `begin`'s events that does what `more` says. */
  const relayed = (begin: Relay['begin'], more: Partial<Relay> = {}): AsyncGenerator<QueryEvent, void> =>
    relayedRun({ begin, onEvent: (event) => event, onClosed: () => told.push('closed'), ...more })

  it('passes every event on, and closes once behind the source', async () => {
    assert.deepEqual(await collect(relayed(() => source(text('a'), end))), [text('a'), end])
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('puts its own event before all others, unseen by the relay', async () => {
    const seen: QueryEvent[] = []
    const onEvent = (event: QueryEvent): QueryEvent => {
      seen.push(event)
      return event
    }
    assert.deepEqual(await collect(relayed(() => source(end), { first: text('first'), onEvent })), [text('first'), end])
    assert.deepEqual(seen, [end])
  })

  it('hands on what the relay makes of an event', async () => {
    const onEvent = (event: QueryEvent): QueryEvent => (event.kind === 'text' ? text('b') : event)
    assert.deepEqual(await collect(relayed(() => source(text('a'), end), { onEvent })), [text('b'), end])
  })

  it('starts nothing and tells nothing when nobody reads', async () => {
    await relayed(() => source(end)).return(undefined)
    assert.deepEqual(told, [])
  })

  it('lets the source go before it closes when its reader leaves', async () => {
    for await (const _ of relayed(() => source(text('a'), end))) break
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('is over for good once its reader has left', async () => {
    const run = relayed(() => source(text('a'), end))
    await run.next()
    await run.return(undefined)
    assert.deepEqual(await run.next(), { done: true, value: undefined })
  })

  it('throws what the source throws, or what the relay makes of it', async () => {
    await assert.rejects(collect(relayed(() => source(new Error('broken')))), { message: 'broken' })
    const onError = (error: unknown): never => {
      throw new Error('better', { cause: error })
    }
    await assert.rejects(collect(relayed(() => source(new Error('broken')), { onError })), { message: 'better' })
    assert.deepEqual(told, ['begun', 'let go', 'closed', 'begun', 'let go', 'closed'])
  })

  it('ends quietly when the relay makes nothing of the error', async () => {
    const run = relayed(() => source(text('a'), new Error('broken')), { onError: () => undefined })
    assert.deepEqual(await collect(run), [text('a')])
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('leaves out an event of which the relay makes nothing', async () => {
    const onEvent = (event: QueryEvent): QueryEvent | undefined => (event.kind === 'text' ? undefined : event)
    assert.deepEqual(await collect(relayed(() => source(text('a'), text('b'), end), { onEvent })), [end])
  })

  it('goes on with another run when one has failed, and with the next when that has ended', async () => {
    const behind = [source(end)]
    const run = relayed(() => source(text('a'), new Error('broken')), {
      onError: () => source(text('b')),
      onDone: () => behind.pop(),
    })
    assert.deepEqual(await collect(run), [text('a'), text('b'), end])
    assert.equal(told.filter((what) => what === 'closed').length, 1)
  })

  it('waits for a run that takes time to choose, first and later', async () => {
    const run = relayed(async () => source(new Error('broken')), { onError: async () => source(end) })
    assert.deepEqual(await collect(run), [end])
  })

  it('throws what happens while another run is chosen', async () => {
    const onError = async (): Promise<never> => {
      throw new Error('none left')
    }
    await assert.rejects(collect(relayed(() => source(new Error('broken')), { onError })), { message: 'none left' })
    assert.equal(told.at(-1), 'closed')
  })

  it('does not begin the run that is chosen after its reader has left', async () => {
    const chosen = Promise.withResolvers<AsyncIterable<QueryEvent>>()
    const run = relayed(() => chosen.promise)
    const step = run.next()
    await run.return(undefined)
    chosen.resolve(source(end))
    assert.deepEqual(await step, { done: true, value: undefined })
    assert.deepEqual(told, ['closed'])
  })

  it('fails, and lets the source go, when the relay throws at an event', async () => {
    const onEvent = (): never => {
      throw new Error('refused')
    }
    await assert.rejects(collect(relayed(() => source(text('a'), end), { onEvent })), { message: 'refused' })
    assert.deepEqual(told, ['begun', 'let go', 'closed'])
  })

  it('fails when the run cannot even begin', async () => {
    const begin = (): never => {
      throw new Error('no')
    }
    await assert.rejects(collect(relayed(begin)), { message: 'no' })
    assert.deepEqual(told, ['closed'])
  })
})
