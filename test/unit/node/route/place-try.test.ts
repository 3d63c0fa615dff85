import assert from 'node:assert/strict'
import type { ChatBody, Query } from '../../../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError } from '../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import type { Asker } from '../../../../core/scope.ts'
import { addServedPart } from '../../../../node/receipt/served-part.ts'
import { PlaceTry } from '../../../../node/route/place-try.ts'
import { RouteJournal, type RouteOptions } from '../../../../node/route/route-journal.ts'
import { LOCAL } from '../../../../routing/choice/rank-peers.ts'
import type { SendOutcome } from '../../../../routing/learning/evidence.ts'
import type { Sent } from '../../../../routing/offers/sends.ts'
import { collect } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'
import { keptQueryLog } from '../../../support/query-log.ts'
import { servedPart } from '../../../support/served-part.ts'

const START: QueryEvent = { kind: 'start', node: 'n', worker: 'rig', engine: 'fake', model: 'tiny' }
const TEXT: QueryEvent = { kind: 'text', text: 'x' }
const TRACE = { parent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
const END: EndEvent = { kind: 'end', finishReason: 'stop' }

/** A try at `node` that plays a script: events, or a code to fail with. */
function tryAt(
  node: string,
  script: readonly (QueryEvent | ErrorCode)[],
  {
    sure = true,
    body = {},
    relation = 'home',
  }: { readonly sure?: boolean; readonly body?: Partial<ChatBody>; readonly relation?: Asker } = {},
) {
  const outcomes: SendOutcome[] = []
  const told: string[] = []
  const asked: Query[] = []
  const life = linkedAbort()
  const options: RouteOptions = {
    signal: life.signal,
    asker: 'own',
    journal: new RouteJournal(chatQuery(), new ManualClock()),
    avoidNodes: new Set(),
    avoidWorkers: new Set(),
  }
  const play = async function* (query: Query): AsyncGenerator<QueryEvent> {
    asked.push(query)
    for (const step of script) {
      if (typeof step === 'string') throw new RealmeshError(step, 'scripted', { retryAfterMs: 200 })
      yield step
    }
  }
  const kept = keptQueryLog()
  const made = new PlaceTry(
    {
      places: {
        noteSent: () => ({}) as Sent,
        noteFirstEvent: () => told.push('first event'),
        noteOutcome: (_sent, outcome) => outcomes.push(outcome),
      },
      local: play,
      hosts: play,
      remote: () => play,
      pseudonym: (user) => `anon-${user}`,
      proofs: { taken: (_id, _peer, _part, contradicted) => (contradicted ? 'wrong' : undefined) },
      log: kept.log,
    },
    {
      place: {
        node,
        model: 'tiny-exact',
        cost: 1,
        hit: 'drawn',
        sure,
        realm: '$BACKUP',
        relation,
        owner: 'own',
      },
      query: chatQuery({ origin: 'never told', trace: TRACE, body: { ...chatQuery().body, ...body } }),
      options,
      self: 'me',
      onBegun: () => told.push('begun'),
      onServed: (_place, firstEventMs) => told.push(`served ${firstEventMs}`),
      onFailed: (place, { code }) => told.push(`failed ${place.node} ${code}`),
    },
  )
  return { lines: kept.lines, run: made.asRun(), outcomes, told, asked, options, life }
}

describe('PlaceTry', () => {
  describe('where JSON was promised', () => {
    const body: Partial<ChatBody> = { responseFormat: { type: 'json' } }
    const json: QueryEvent = { kind: 'text', text: '{"a":1}' }

    it('calls an answer of a peer served only when it is JSON', async () => {
      const kept = tryAt('peer', [START, json, END], { body })
      assert.deepEqual(await collect(kept.run), [START, json, END])
      assert.deepEqual(kept.outcomes, [{ ok: true }])
      const broken = tryAt('peer', [START, TEXT, END], { body })
      await assert.rejects(collect(broken.run), { code: 'ENGINE_GARBAGE' })
      assert.deepEqual(broken.outcomes, [{ ok: false, code: 'ENGINE_GARBAGE' }])
    })

    it('lets nothing be seen of a peer that is not sure to keep to it, until it has', async () => {
      const { run, told } = tryAt('peer', [START, TEXT, END], { body, sure: false })
      await assert.rejects(collect(run), { code: 'CAPABILITY_MISSING' })
      assert.deepEqual(told, ['failed peer CAPABILITY_MISSING'])
    })
  })

  describe('where the peer signs its part', () => {
    const from: QueryEvent = { ...START, node: 'peer' } as QueryEvent

    /** An end whose part is of these very events. */
    function signedEnd(...events: readonly QueryEvent[]): EndEvent {
      const add = addServedPart(() => 0)
      for (const event of events) add(event)
      const end = add(END)
      assert.ok(end.kind === 'end' && end.served !== undefined)
      return { ...end, served: { ...end.served, signature: 'AAAA' } }
    }

    it('holds a part that does not fit the answer against the peer, and not against the answer', async () => {
      const lie: EndEvent = { ...END, served: servedPart({ node: 'peer', signature: 'AAAA' }) }
      const { run, told, outcomes, options } = tryAt('peer', [START, TEXT, lie])
      assert.equal((await collect(run)).length, 3)
      assert.deepEqual(told, ['begun', 'first event', 'served 0'])
      assert.deepEqual(outcomes, [{ ok: false, code: 'PROTOCOL_ERROR' }])
      assert.equal(options.journal.receipt('served').attempts[0]?.verified, 'wrong')
    })

    it('compares it with what came, not with what is made of it here', async () => {
      const json: QueryEvent[] = ['{', '"a":', '1}'].map((text) => ({ kind: 'text', text, tokens: 40 }))
      const script = [from, ...json, signedEnd(from, ...json)]
      for (const sure of [true, false]) {
        const { run, outcomes } = tryAt('peer', script, { body: { responseFormat: { type: 'json' } }, sure })
        await collect(run)
        assert.deepEqual(outcomes, [{ ok: true }])
      }
    })

    it('believes no more tokens than it saw, in the end and in the receipt', async () => {
      const usage = { promptTokens: 4_000_000_000, completionTokens: 4_000_000_000 }
      const { run, options } = tryAt('peer', [START, TEXT, { ...END, usage }])
      const end = (await collect(run)).at(-1)
      assert.ok(end?.kind === 'end' && end.usage !== undefined)
      assert.ok(end.usage.completionTokens < 100 && end.usage.promptTokens < 5_000)
      const [attempt] = options.journal.receipt('served').attempts
      assert.deepEqual([attempt?.promptTokens, attempt?.completionTokens], Object.values(end.usage))
    })
  })

  it('asks a peer for the exact model in the realm of the place, one hop less, under a pseudonym', async () => {
    const { run, asked } = tryAt('peer', [START, TEXT, END])
    await collect(run)
    const [{ model, realm, hopsLeft, user, origin } = assert.fail()] = asked
    assert.deepEqual([model, realm, hopsLeft, user, origin], ['tiny-exact', '$BACKUP', 0, 'anon-alice', undefined])
  })

  it('tells the trace of a query to the own federation and to friends, and to no stranger', async () => {
    for (const relation of ['home', 'friend', 'stranger'] as const) {
      const { run, asked } = tryAt('peer', [START, TEXT, END], { relation })
      await collect(run)
      assert.deepEqual(asked[0]?.trace, relation === 'stranger' ? undefined : TRACE)
    }
    const { run, asked } = tryAt(LOCAL, [START, TEXT, END], { relation: 'own' })
    await collect(run)
    assert.deepEqual(asked[0]?.trace, TRACE)
  })

  it('asks the own workers as the user that it is', async () => {
    const { run, asked, outcomes } = tryAt(LOCAL, [START, TEXT, END])
    await collect(run)
    assert.deepEqual([asked[0]?.user, asked[0]?.realm, outcomes], ['alice', '$BACKUP', []])
  })

  it('tells the evidence of the peer, its first event, and that the answer came', async () => {
    const { run, told, outcomes } = tryAt('peer', [START, TEXT, TEXT, END])
    await collect(run)
    assert.deepEqual([told, outcomes], [['begun', 'first event', 'served 0'], [{ ok: true }]])
  })

  it('logs that the query waits in the queue of the place, once', async () => {
    const queued = { kind: 'queued', position: 2, estimatedWaitMs: 900 } as const
    const { run, lines } = tryAt(LOCAL, [queued, { ...queued, position: 1 }, START, TEXT, END])
    await collect(run)
    const [[message, fields] = assert.fail(), ...more] = lines
    assert.deepEqual(
      [message, fields['realm'], fields['position'], more],
      ['waits in the queue of the realm', '$BACKUP', 2, []],
    )
  })

  it('takes an end without content for a whole answer', async () => {
    const { run, told } = tryAt('peer', [START, END])
    await collect(run)
    assert.deepEqual(told, ['begun', 'served undefined'])
  })

  it('books a failure before the first content on its place, with the time to come back', async () => {
    const { run, told, outcomes, options } = tryAt('peer', [START, 'REALM_OVERLOADED'])
    await assert.rejects(collect(run), { code: 'REALM_OVERLOADED' })
    assert.deepEqual(told, ['failed peer REALM_OVERLOADED'])
    assert.deepEqual(outcomes, [{ ok: false, code: 'REALM_OVERLOADED', retryAfterMs: 200 }])
    assert.deepEqual([...options.avoidNodes], [])
  })

  it('keeps a peer that breaks an answer from the rest of it', async () => {
    const { run, told, options } = tryAt('peer', [START, TEXT, 'PEER_LOST'])
    await assert.rejects(collect(run), { code: 'PEER_LOST' })
    assert.deepEqual([told, [...options.avoidNodes]], [['begun', 'first event'], ['peer']])
  })

  it('keeps an own worker that failed from being asked again', async () => {
    const { run, options } = tryAt(LOCAL, [START, 'ENGINE_FAILED'])
    await assert.rejects(collect(run), { code: 'ENGINE_FAILED' })
    assert.deepEqual([[...options.avoidWorkers], [...options.avoidNodes]], [['rig'], []])
  })

  it('takes an answer without an end for a broken one', async () => {
    const { run, outcomes } = tryAt('peer', [START, TEXT])
    await assert.rejects(collect(run), { code: 'PROTOCOL_ERROR' })
    assert.equal(outcomes[0]?.code, 'PROTOCOL_ERROR')
  })

  it('loses nothing to what breaks behind the end', async () => {
    const { run, outcomes } = tryAt('peer', [START, TEXT, END, 'PEER_LOST'])
    assert.equal((await collect(run)).length, 3)
    assert.deepEqual(outcomes, [{ ok: true }])
  })

  it('books nothing on a place whose query was cancelled', async () => {
    const { run, outcomes, told, life, options } = tryAt('peer', [START, 'PEER_LOST'])
    await run.next()
    life.abort()
    await assert.rejects(run.next())
    assert.deepEqual([outcomes, told], [[{ ok: false, code: 'CANCELLED' }], []])
    assert.equal(options.journal.receipt('cancelled').attempts[0]?.outcome, 'cancelled')
  })
})
