import assert from 'node:assert/strict'
import type { ChatQuery } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { MAX_CONTINUATIONS } from '../../../../node/query/continuation.ts'
import { RETURN_MS } from '../../../../node/query/second-chance.ts'
import type { RouteQuery } from '../../../../node/route/route-journal.ts'
import { collect, textOf } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { end, hurried, run, type Step, scripted, start, text } from '../../../support/query-run.ts'

const ANSWER = ['The ', 'fox ', 'and ', 'the ', 'hen']

describe('QueryRun, where an answer breaks', () => {
  for (let cut = 1; cut < ANSWER.length; cut += 1) {
    it(`goes on after ${cut} pieces with neither a repeated nor a missing character`, async () => {
      const { route, asked } = scripted(
        [start('a'), ...ANSWER.slice(0, cut).map(text), 'PEER_LOST'],
        [start('b'), ...ANSWER.slice(cut).map(text), end(10 + cut, ANSWER.length - cut)],
      )
      const { events, receipts } = run(route)
      const seen = await collect(events)
      assert.equal(textOf(seen), ANSWER.join(''))
      assert.equal(seen.filter((event) => event.kind === 'start').length, 1, 'the client sees one start')
      assert.equal(asked[1]?.body.prefill, ANSWER.slice(0, cut).join('').trimEnd())
      assert.equal(asked[1]?.model, 'tiny-exact')
      const last = seen.at(-1)
      assert.deepEqual(last?.kind === 'end' && last.usage, { promptTokens: 10, completionTokens: ANSWER.length })
      assert.equal(receipts[0]?.continued, true)
    })
  }

  it('leaves a failure before the first content to the router', async () => {
    const { route, asked } = scripted([start('a'), 'PEER_LOST'])
    await assert.rejects(collect(run(route).events), { code: 'PEER_LOST' })
    assert.equal(asked.length, 1)
  })

  it('keeps what the client itself had begun at the front of the hand-over', async () => {
    const { route, asked } = scripted([text('b'), 'PEER_LOST'], [text('c'), end(1, 1)])
    const query = chatQuery({ body: { messages: [], prefill: 'a' } })
    assert.equal(textOf(await collect(run(route, query).events)), 'bc')
    assert.equal(asked[1]?.body.prefill, 'ab')
  })

  it('asks for no more tokens than were left', async () => {
    const { route, asked } = scripted([text('a'), text('b'), 'PEER_LOST'], [text('c'), end(1, 1)])
    const query = chatQuery({ body: { messages: [], sampling: { maxTokens: 5 } } })
    await collect(run(route, query).events)
    assert.equal(asked[1]?.body.sampling?.maxTokens, 3)
  })

  it('does not repeat thinking that was sent', async () => {
    const thought: QueryEvent = { kind: 'reasoning', text: 'hm' }
    const { route } = scripted([thought, 'PEER_LOST'], [thought, text('yes'), end(1, 1)])
    const seen = await collect(run(route).events)
    assert.equal(seen.filter((event) => event.kind === 'reasoning').length, 1)
    assert.equal(textOf(seen), 'yes')
  })

  const IMPOSSIBLE: readonly (readonly [string, Step[], Partial<ChatQuery>])[] = [
    ['a tool call was sent', [{ kind: 'toolCall', index: 0, id: 'x', name: 'f', arguments: '{' }], {}],
    ['structured output was sent', [text('{')], { body: { messages: [], responseFormat: { type: 'json' } } }],
  ]
  for (const [why, sent, overrides] of IMPOSSIBLE) {
    it(`ends with one clear error when ${why}`, async () => {
      const { route, asked } = scripted([...sent, 'PEER_LOST'], [text('never')])
      await assert.rejects(collect(run(route, chatQuery(overrides)).events), { code: 'ANSWER_CUT' })
      assert.equal(asked.length, 1)
    })
  }

  it('says how much arrived when nobody can go on', async () => {
    const { route } = scripted([text('seven c'), 'PEER_LOST'])
    const clock = new ManualClock()
    await assert.rejects(hurried(run(route, chatQuery(), {}, clock).events, clock), (error: RealmeshError) => {
      assert.equal(error.code, 'ANSWER_CUT')
      assert.match(error.message, /after 7 characters/)
      return true
    })
  })

  it('waits for the worker that broke off, where nobody else can go on, and asks it again', async () => {
    const { route, asked } = scripted(
      [start('a'), text('The '), 'ENGINE_FAILED'],
      ['NO_WORKER'],
      ['NO_WORKER'],
      [start('a'), text('fox'), end(2, 1)],
    )
    const seen: number[] = []
    const watched: RouteQuery = (query, options) => {
      seen.push(options.avoidWorkers.size + options.avoidNodes.size)
      options.avoidWorkers.add('rig')
      options.avoidNodes.add('b')
      return route(query, options)
    }
    const clock = new ManualClock()
    const events = await hurried(run(watched, chatQuery(), { avoid: ['never'] }, clock).events, clock)
    assert.equal(textOf(events), 'The fox')
    assert.deepEqual([asked.length, seen], [4, [1, 3, 1, 1]])
  })

  it('gives that chance once: a query that ends an engine each time does not do so for ever', async () => {
    const dies: Step[] = [start('a'), text('x'), 'ENGINE_FAILED']
    const { route, asked } = scripted(dies, ['NO_WORKER'], dies, ['NO_WORKER'], dies)
    const clock = new ManualClock()
    await assert.rejects(hurried(run(route, chatQuery(), {}, clock).events, clock), { code: 'ANSWER_CUT' })
    assert.ok(asked.length <= 3 + MAX_CONTINUATIONS, String(asked.length))
    assert.equal(asked.filter(({ body }) => body.prefill === 'xx').length > 0, true)
  })

  it('asks a node whose limit is reached no second time for the rest', async () => {
    let asked = 0
    const route: RouteQuery = async function* (_, { avoidNodes }) {
      if (avoidNodes.has('a')) throw new RealmeshError('NO_WORKER', 'nobody else')
      asked += 1
      yield* [start('a'), text('x')]
      avoidNodes.add('a') // as the router does
      throw new RealmeshError('NODE_LIMIT', 'long enough')
    }
    const clock = new ManualClock()
    const cut = { code: 'ANSWER_CUT', message: /long enough/ }
    await assert.rejects(hurried(run(route, chatQuery(), {}, clock).events, clock), cut)
    assert.equal(asked, 1)
  })

  it('gives up when nobody is back within ten seconds', async () => {
    const { route } = scripted([start('a'), text('x'), 'ENGINE_FAILED'])
    const clock = new ManualClock()
    const began = clock.monotonic()
    await assert.rejects(hurried(run(route, chatQuery(), {}, clock).events, clock), { code: 'ANSWER_CUT' })
    assert.ok(clock.monotonic() - began >= RETURN_MS)
  })

  it('stops after a bounded number of hand-overs', async () => {
    const { route, asked } = scripted(...Array.from({ length: 20 }, (): Step[] => [start('n'), text('x'), 'PEER_LOST']))
    await assert.rejects(collect(run(route).events), { code: 'ANSWER_CUT' })
    assert.equal(asked.length, MAX_CONTINUATIONS + 1)
  })

  it('passes the break on when the client opted out', async () => {
    const { route, asked } = scripted([text('a'), 'PEER_LOST'], [text('b')])
    await assert.rejects(collect(run(route, chatQuery(), { continuation: false }).events), { code: 'PEER_LOST' })
    assert.equal(asked.length, 1)
  })

  it('goes on elsewhere with an answer of a batch that had to give way', async () => {
    const { route, asked } = scripted(
      [start('a'), text('The '), 'REALM_OVERLOADED'],
      [start('b'), text('fox'), end(1, 1)],
    )
    assert.equal(textOf(await collect(run(route, chatQuery({ priority: 'batch' })).events)), 'The fox')
    assert.equal(asked[1]?.body.prefill, 'The')
  })

  it('does not go on for a client that has gone', async () => {
    const abort = new AbortController()
    const { route, asked } = scripted([text('a'), 'PEER_LOST'], [text('b')])
    const { events } = run(route, chatQuery(), { signal: abort.signal })
    await assert.rejects(
      (async () => {
        for await (const _ of events) abort.abort()
      })(),
    )
    assert.equal(asked.length, 1)
  })

  describe('of which an earlier run answered some', () => {
    const answered = [start('a'), text('The '), text('fox ')]

    it('asks for the rest only, and accounts for the whole', async () => {
      const { route, asked } = scripted([start('b'), text('and'), end(9, 1)])
      const { events, account, receipts } = run(route, chatQuery({ model: 'auto' }), { answered })
      const all = await collect(events)
      assert.deepEqual(
        all.map(({ kind }) => kind),
        ['text', 'end'],
      )
      assert.equal(textOf(all), 'and')
      assert.deepEqual([asked[0]?.body.prefill, asked[0]?.model], ['The fox', 'tiny-exact'])
      const last = all.at(-1)
      assert.deepEqual(last?.kind === 'end' && last.usage, { promptTokens: 7, completionTokens: 3 })
      assert.deepEqual(account.slice(0, -1), ['start', 'text', 'text', 'text'])
      assert.equal(receipts[0]?.continued, true)
    })

    it('asks for all of it where nothing was said yet', async () => {
      const { route, asked } = scripted([start('b'), text('hi'), end(1, 1)])
      const all = await collect(run(route, chatQuery(), { answered: [start('a')] }).events)
      assert.deepEqual([textOf(all), asked[0]?.body.prefill], ['hi', undefined])
    })

    it('fails as it is where nobody goes on yet, and goes on elsewhere once one has', async () => {
      const none = run(scripted(['MODEL_NOT_FOUND']).route, chatQuery(), { answered })
      await assert.rejects(collect(none.events), { code: 'MODEL_NOT_FOUND' })
      const { route, asked } = scripted([start('b'), text('and '), 'PEER_LOST'], [start('c'), text('on'), end(9, 1)])
      assert.equal(textOf(await collect(run(route, chatQuery(), { answered }).events)), 'and on')
      assert.equal(asked[1]?.body.prefill, 'The fox and')
    })

    it('is cut where half a tool call came, or its client wants no continuation', async () => {
      const { route, asked } = scripted([end(1, 1)])
      const call: QueryEvent = { kind: 'toolCall', index: 0, id: 'c', name: 'f', arguments: '{"a' }
      const half = run(route, chatQuery(), { answered: [start('a'), call] })
      await assert.rejects(collect(half.events), { code: 'ANSWER_CUT' })
      const wanted = run(route, chatQuery(), { answered, continuation: false })
      await assert.rejects(collect(wanted.events), { code: 'ANSWER_CUT' })
      assert.equal(asked.length, 0)
    })
  })
})
