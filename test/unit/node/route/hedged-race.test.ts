import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { type Contender, HedgedRace, type HedgedRaceInit } from '../../../../node/route/hedged-race.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const AFTER_MS = 500

/** A contender that waits for its gate, says its name, and ends; or fails. */
function contender(name: string, fate: 'answers' | 'fails' = 'answers') {
  const gate = Promise.withResolvers<void>()
  const life = linkedAbort()
  life.signal.addEventListener('abort', () => gate.reject(new Error('aborted')))
  async function* events(): AsyncGenerator<QueryEvent, void> {
    yield { kind: 'start', node: name, worker: 'w', engine: 'fake', model: 'tiny' }
    await gate.promise
    if (fate === 'fails') throw new Error(`${name} failed`)
    yield { kind: 'text', text: name }
    yield { kind: 'end', finishReason: 'stop' }
  }
  const made: Contender = { life, events: events() }
  return { contender: made, open: gate.resolve, life }
}

/** A contender that fails at once. */
function failing(): Contender {
  const { contender: made, open } = contender('second', 'fails')
  open()
  return made
}

/** The race as its reader reads it: first the race, then the winner. */
async function* answerOf(race: HedgedRace): AsyncGenerator<QueryEvent> {
  try {
    yield* race
    yield* race.takeRest() ?? []
  } finally {
    race.close()
  }
}

function raceOf(clock: ManualClock, first: Contender, second: HedgedRaceInit['second']): HedgedRace {
  return new HedgedRace({ clock }, { first, second, afterMs: AFTER_MS })
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('hedgedRace', () => {
  it('asks nobody else while the first is in time', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const race = raceOf(clock, first.contender, () => assert.fail('asked a second'))
    const all = collect(answerOf(race))
    await settle()
    first.open()
    assert.equal(textOf(await all), 'first')
    assert.equal(clock.pending, 0)
  })

  it('keeps only the latest of what comes before the content', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const preview = { mediaType: 'image/png', data: new Uint8Array(9) }
    async function* slow(): AsyncGenerator<QueryEvent, void> {
      yield { kind: 'start', node: 'second', worker: 'w', engine: 'fake', model: 'tiny' }
      for (let step = 0; step < 100; step += 1) {
        yield { kind: 'queued', position: 1, estimatedWaitMs: step }
        yield { kind: 'progress', fraction: step / 100, preview }
      }
      yield { kind: 'text', text: 'second' }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const all = collect(answerOf(raceOf(clock, first.contender, () => ({ life: linkedAbort(), events: slow() }))))
    await settle()
    clock.advance(AFTER_MS)
    const events = await all
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['start', 'start', 'queued', 'progress', 'text', 'end'],
    )
  })

  it('takes the answer of the second when it begins sooner, and cancels the first', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const second = contender('second')
    const all = collect(answerOf(raceOf(clock, first.contender, () => second.contender)))
    await settle()
    clock.advance(AFTER_MS)
    second.open()
    const events = await all
    assert.equal(textOf(events), 'second')
    assert.equal(events.filter((event) => event.kind === 'start').at(-1)?.kind, 'start')
    assert.equal(first.life.signal.aborted, true)
  })

  it('stays with the first when the second fails', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const second = contender('second', 'fails')
    const all = collect(answerOf(raceOf(clock, first.contender, () => second.contender)))
    await settle()
    clock.advance(AFTER_MS)
    second.open()
    await settle()
    first.open()
    assert.equal(textOf(await all), 'first')
  })

  it('goes on with the first when there is no second', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const all = collect(answerOf(raceOf(clock, first.contender, () => undefined)))
    await settle()
    clock.advance(AFTER_MS)
    first.open()
    assert.equal(textOf(await all), 'first')
  })

  for (const [when, second] of [
    ['there is no second', () => undefined],
    ['the second is silent', () => contender('second').contender],
    ['the second has failed', failing],
  ] as const) {
    it(`tells each word of a first that is late when it comes, where ${when}`, async () => {
      const clock = new ManualClock()
      const [word, content] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      async function* loads(): AsyncGenerator<QueryEvent, void> {
        await word.promise
        yield { kind: 'progress', fraction: 0.5, note: 'the model is loaded' }
        await content.promise
        yield { kind: 'text', text: 'first' }
        yield { kind: 'end', finishReason: 'stop' }
      }
      const answer = answerOf(raceOf(clock, { life: linkedAbort(), events: loads() }, second))
      let told: QueryEvent | undefined
      const next = answer.next().then(({ value }) => {
        told = value || undefined
      })
      await settle()
      clock.advance(AFTER_MS)
      await settle()
      word.resolve()
      await settle()
      assert.equal(told?.kind, 'progress')
      await next
      content.resolve()
      assert.equal(textOf(await collect(answer)), 'first')
    })
  }

  it('tells the words of the second from when the first has failed, those before that too', async () => {
    const clock = new ManualClock()
    const first = contender('first', 'fails')
    const [word, content] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    async function* waits(): AsyncGenerator<QueryEvent, void> {
      yield { kind: 'queued', position: 2, estimatedWaitMs: 900 }
      await word.promise
      yield { kind: 'queued', position: 1, estimatedWaitMs: 400 }
      await content.promise
      yield { kind: 'text', text: 'second' }
      yield { kind: 'end', finishReason: 'stop' }
    }
    const second = { life: linkedAbort(), events: waits() }
    const answer = answerOf(raceOf(clock, first.contender, () => second))
    assert.equal((await answer.next()).value?.kind, 'start')
    const told = answer.next()
    await settle()
    clock.advance(AFTER_MS)
    await settle()
    first.open()
    assert.deepEqual((await told).value, { kind: 'queued', position: 2, estimatedWaitMs: 900 })
    word.resolve()
    assert.deepEqual((await answer.next()).value, { kind: 'queued', position: 1, estimatedWaitMs: 400 })
    content.resolve()
    assert.equal(textOf(await collect(answer)), 'second')
  })

  it('takes the second when the first fails behind the alarm', async () => {
    const clock = new ManualClock()
    const first = contender('first', 'fails')
    const second = contender('second')
    const all = collect(answerOf(raceOf(clock, first.contender, () => second.contender)))
    await settle()
    clock.advance(AFTER_MS)
    first.open()
    await settle()
    second.open()
    assert.equal(textOf(await all), 'second')
  })

  it('throws the later failure when both fail', async () => {
    const clock = new ManualClock()
    const first = contender('first', 'fails')
    const second = contender('second', 'fails')
    const all = collect(answerOf(raceOf(clock, first.contender, () => second.contender)))
    await settle()
    clock.advance(AFTER_MS)
    second.open()
    await settle()
    first.open()
    await assert.rejects(all, { message: 'first failed' })
  })

  it('cancels both when the client leaves', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const read = answerOf(raceOf(clock, first.contender, () => undefined))
    await read.next()
    await read.return(undefined)
    assert.equal(first.life.signal.aborted, true)
    assert.equal(clock.pending, 0)
  })
})
