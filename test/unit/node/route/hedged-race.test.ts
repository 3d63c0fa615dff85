import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { type Contender, hedgedRace } from '../../../../node/route/hedged-race.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const AFTER_MS = 500

/** A contender that waits for its gate, says its name, and ends; or fails. */
function contender(name: string, fate: 'answers' | 'fails' = 'answers') {
  const gate = Promise.withResolvers<void>()
  const life = linkedAbort()
  life.signal.addEventListener('abort', () => gate.reject(new Error('aborted')))
  async function* events(): AsyncGenerator<QueryEvent, string | undefined> {
    yield { kind: 'start', node: name, worker: 'w', engine: 'fake', model: 'tiny' }
    try {
      await gate.promise
    } catch {
      return `${name} was cancelled`
    }
    if (fate === 'fails') return `${name} failed`
    yield { kind: 'text', text: name }
    yield { kind: 'end', finishReason: 'stop' }
    return undefined
  }
  const made: Contender<string> = { life, events: events() }
  return { contender: made, open: gate.resolve, life }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('hedgedRace', () => {
  it('asks nobody else while the first is in time', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const race = hedgedRace(first.contender, () => assert.fail('asked a second'), AFTER_MS, clock)
    const all = collect(race)
    await settle()
    first.open()
    assert.equal(textOf(await all), 'first')
    assert.equal(clock.pending, 0)
  })

  it('takes the answer of the second when it begins sooner, and cancels the first', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const second = contender('second')
    const all = collect(hedgedRace(first.contender, () => second.contender, AFTER_MS, clock))
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
    const all = collect(hedgedRace(first.contender, () => second.contender, AFTER_MS, clock))
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
    const all = collect(hedgedRace(first.contender, () => undefined, AFTER_MS, clock))
    await settle()
    clock.advance(AFTER_MS)
    first.open()
    assert.equal(textOf(await all), 'first')
  })

  it('returns a failure when both fail', async () => {
    const clock = new ManualClock()
    const first = contender('first', 'fails')
    const second = contender('second', 'fails')
    const race = hedgedRace(first.contender, () => second.contender, AFTER_MS, clock)
    await race.next()
    const rest = race.next()
    await settle()
    clock.advance(AFTER_MS)
    first.open()
    second.open()
    assert.match(String((await rest).value), /failed/)
  })

  it('cancels both when the client leaves', async () => {
    const clock = new ManualClock()
    const first = contender('first')
    const race = hedgedRace(first.contender, () => undefined, AFTER_MS, clock)
    await race.next()
    await race.return(undefined)
    assert.equal(first.life.signal.aborted, true)
    assert.equal(clock.pending, 0)
  })
})
