import assert from 'node:assert/strict'
import { checkValue } from '../../../../../../core/check-value.ts'
import type { QueryEvent } from '../../../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../../../core/run/linked-abort.ts'
import { responseSchema } from '../../../../../../gateway/openai/responses/asked/response-schema.ts'
import { MAX_RECORDED_LENGTH, ResponseRecord } from '../../../../../../gateway/openai/responses/kept/response-record.ts'
import { RunningResponse } from '../../../../../../gateway/openai/responses/kept/running-response.ts'
import { FAKE_START } from '../../../../../support/fake-node.ts'
import { until } from '../../../../../support/until.ts'

const END: QueryEvent = { kind: 'end', finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 2 } }
const text = (piece: string): QueryEvent => ({ kind: 'text', text: piece })

function record(): ResponseRecord {
  const body = {
    ...checkValue(responseSchema, { input: 'hi', metadata: { a: 'b' } }),
    input: [{ role: 'user', content: 'hi' }],
  }
  return new ResponseRecord({ queryId: 'q', created: 7, model: 'm', body })
}

async function all(events: AsyncIterable<QueryEvent>): Promise<readonly string[]> {
  const kinds: string[] = []
  for await (const { kind } of events) kinds.push(kind)
  return kinds
}

async function* these(...events: readonly (QueryEvent | Error)[]): AsyncGenerator<QueryEvent> {
  for (const event of events) {
    if (event instanceof Error) throw event
    yield event
  }
}

describe('ResponseRecord', () => {
  it('is the same response after it was kept', async () => {
    const before = record()
    const running = new RunningResponse({ record: before, now: () => 9 })
    await all(running.follow(these({ kind: 'queued', position: 1, estimatedWaitMs: 1 }, FAKE_START, text('a'), END)))
    assert.equal(before.status, 'completed')
    const after = ResponseRecord.fromText(before.toText())
    assert.deepEqual(after?.toObject(), before.toObject())
    assert.deepEqual(after?.events, before.events)
    const { id, model, output, completed_at } = JSON.parse(JSON.stringify(before.toObject()))
    assert.deepEqual([id, model, output[0].content[0].text, completed_at], ['resp_q', 'tiny:latest', 'a', 9])
  })

  it('keeps why it failed, and what was said until then', async () => {
    const before = record()
    const running = new RunningResponse({ record: before, now: () => 9 })
    const cut = new RealmeshError('ANSWER_CUT', 'the rig died')
    await assert.rejects(all(running.follow(these(FAKE_START, text('half'), cut))), cut)
    const after = ResponseRecord.fromText(before.toText())
    assert.deepEqual([after?.status, after?.error?.code, after?.items().all[0]?.text], ['failed', 'ANSWER_CUT', 'half'])
  })

  it('is the same response of a text and the pieces behind it', () => {
    const before = record()
    const written = before.toText()
    for (const event of [FAKE_START, text('a'), text('b'), END]) before.add(event, 9)
    const pieces = [JSON.stringify(before.events.slice(0, 2)), before.pieceFrom(2)]
    const after = ResponseRecord.fromText(written, pieces)
    assert.deepEqual(after?.events, before.events)
    assert.equal(after?.status, 'completed')
    assert.equal(ResponseRecord.fromText(written, pieces.slice(0, 1))?.status, 'in_progress')
  })

  it('does not read what another version wrote', () => {
    assert.equal(ResponseRecord.fromText('{"format":2}'), undefined)
  })
})

describe('RunningResponse', () => {
  it('is read from its beginning by all, however late, to the same end', async () => {
    const go = Promise.withResolvers<void>()
    const running = new RunningResponse({ record: record(), now: () => 9 })
    assert.equal(running.record.status, 'queued')
    const source = async function* (): AsyncGenerator<QueryEvent> {
      yield* these(FAKE_START, text('a'))
      await go.promise
      yield* these(text('b'), END)
    }
    const followed = all(running.follow(source()))
    const early = all(running.read())
    go.resolve()
    const kinds = ['start', 'text', 'text', 'end']
    assert.deepEqual([await followed, await early, await all(running.read())], [kinds, kinds, kinds])
  })

  it('fails for all its readers alike', async () => {
    const running = new RunningResponse({ record: record(), now: () => 9 })
    const failed = all(running.follow(these(FAKE_START, new RealmeshError('ANSWER_CUT', 'cut'))))
    await assert.rejects(failed, { code: 'ANSWER_CUT' })
    await assert.rejects(all(running.read()), { code: 'ANSWER_CUT' })
  })

  it('gives its readers what is safe, and the end when that is', async () => {
    const running = new RunningResponse({ record: record(), now: () => 9 })
    running.hold(0)
    await all(running.follow(these(FAKE_START, text('a'), text('b'), END)))
    const seen: string[] = []
    const reading = (async () => {
      for await (const { kind } of running.read()) seen.push(kind)
    })()
    running.hold(2)
    await until('two events are read', () => seen.length === 2)
    running.letGo()
    await reading
    assert.deepEqual(seen, ['start', 'text', 'text', 'end'])
  })

  it('that is cut short has not failed, and its readers have what was safe', async () => {
    const life = linkedAbort()
    const running = new RunningResponse({ record: record(), life, now: () => 9 })
    running.hold(2)
    const source = async function* (): AsyncGenerator<QueryEvent> {
      yield* these(FAKE_START, text('a'), text('b'))
      running.cutShort(new RealmeshError('DRAINING', 'later'))
      life.signal.throwIfAborted()
    }
    await assert.rejects(all(running.follow(source())), { code: 'DRAINING' })
    const reader = running.read()
    assert.deepEqual([(await reader.next()).value?.kind, (await reader.next()).value?.kind], ['start', 'text'])
    await assert.rejects(reader.next(), { code: 'DRAINING' })
    assert.deepEqual([running.record.status, running.outlives], ['in_progress', true])
  })

  it('is cancelled where it has a life of its own', async () => {
    const life = linkedAbort()
    const running = new RunningResponse({ record: record(), life, now: () => 9 })
    const source = async function* (): AsyncGenerator<QueryEvent> {
      yield FAKE_START
      if (!life.signal.aborted) {
        await new Promise<void>((resolve) => life.signal.addEventListener('abort', () => resolve()))
      }
      life.signal.throwIfAborted()
    }
    const followed = all(running.follow(source()))
    await running.cancel()
    await assert.rejects(followed, { code: 'CANCELLED' })
    assert.equal(running.record.status, 'cancelled')
  })

  it('is cancelled by its client that leaves', async () => {
    const running = new RunningResponse({ record: record(), now: () => 9 })
    for await (const event of running.follow(these(FAKE_START, text('a'), END))) if (event.kind === 'text') break
    assert.equal(running.record.status, 'cancelled')
  })

  it('ends in the background where it is longer than can be kept', async () => {
    const running = new RunningResponse({ record: record(), life: linkedAbort(), now: () => 9 })
    await assert.rejects(all(running.follow(these(FAKE_START, text('x'.repeat(MAX_RECORDED_LENGTH)), END))), {
      code: 'NODE_LIMIT',
    })
  })

  it('holds no more than can be kept, and tells its readers, while its client has all of it', async () => {
    const running = new RunningResponse({ record: record(), now: () => 9 })
    const half = text('x'.repeat(MAX_RECORDED_LENGTH / 2))
    const followed = await all(running.follow(these(FAKE_START, half, half, half, END)))
    assert.deepEqual(followed, ['start', 'text', 'text', 'text', 'end'])
    assert.deepEqual(
      running.record.events.map(({ kind }) => kind),
      ['start', 'text', 'end'],
    )
    await assert.rejects(all(running.read()), { code: 'NODE_LIMIT' })
  })
})
