import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { SharedAnswer } from '../../../../node/query/shared-answer.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { platformSignal } from '../../../support/platform-signal.ts'

const signal = new AbortController().signal
const nothing = (): void => {}

async function* letters(): AsyncGenerator<QueryEvent> {
  for (const text of ['a', 'b', 'c']) yield { kind: 'text', text }
  yield { kind: 'end', finishReason: 'stop' }
}

describe('SharedAnswer', () => {
  it('gives all of the answer to everyone who joins, and runs once', async () => {
    let runs = 0
    const shared = new SharedAnswer(
      () => {
        runs += 1
        return letters()
      },
      () => {},
    )
    const early = shared.read(signal)
    await early.next()
    const answers = await Promise.all([collect(early), collect(shared.read(signal)), collect(shared.read(signal))])
    assert.deepEqual(answers.map(textOf), ['bc', 'abc', 'abc'])
    assert.equal(textOf(await collect(shared.read(signal))), 'abc', 'also after its end')
    assert.equal(runs, 1)
  })

  it('lets go of what was asked once it is over, and keeps the answer', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const asked = (): { readonly recording: WeakRef<object>; readonly shared: SharedAnswer } => {
      const recording = { audio: new Uint8Array(1_000) }
      // As the query's own run: an object that holds the query.
      const source = { events: letters(), recording, next: () => source.events.next() }
      const shared = new SharedAnswer(() => ({ [Symbol.asyncIterator]: () => source }), nothing)
      return { recording: new WeakRef(recording), shared }
    }
    const { recording, shared } = asked()
    assert.equal(textOf(await collect(shared.read(signal))), 'abc')
    await turn()
    gc()
    assert.equal(recording.deref(), undefined)
    assert.equal(textOf(await collect(shared.read(signal))), 'abc')
  })

  it('goes on while one reader is left, and is cancelled when the last has gone', async () => {
    let cancelled = false
    const over = Promise.withResolvers<void>()
    const shared = new SharedAnswer(async function* (life) {
      try {
        yield { kind: 'text', text: 'a' }
        await once(platformSignal(life), 'abort')
      } finally {
        cancelled = life.aborted
      }
    }, over.resolve)
    const one = shared.read(signal)
    const two = shared.read(signal)
    await one.next()
    await two.next()
    await one.return(undefined)
    assert.equal(cancelled, false)
    await two.return(undefined)
    await over.promise
    assert.equal(cancelled, true)
  })

  it('is cancelled when the last reader leaves, though all of them wait for the next event', async () => {
    const over = Promise.withResolvers<void>()
    const shared = new SharedAnswer(async function* (life) {
      yield { kind: 'text', text: 'a' }
      if (!life.aborted) await once(platformSignal(life), 'abort')
    }, over.resolve)
    const clients = [new AbortController(), new AbortController()]
    const readers = clients.map((client) => shared.read(client.signal))
    await Promise.all(readers.map((reader) => reader.next()))
    const waiting = readers.map((reader) => reader.next().catch(() => {}))
    for (const client of clients) {
      assert.equal(shared.abandoned, false)
      client.abort()
    }
    assert.equal(shared.abandoned, true)
    await Promise.all([over.promise, ...waiting])
  })

  it('fails for every reader alike', async () => {
    const shared = new SharedAnswer(
      async function* () {
        yield { kind: 'text', text: 'a' }
        throw new Error('broken')
      },
      () => {},
    )
    await Promise.all([0, 1].map(() => assert.rejects(collect(shared.read(signal)), /broken/)))
  })
})
