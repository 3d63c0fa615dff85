import assert from 'node:assert/strict'
import OpenAI from 'openai'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { MAX_BACKGROUND_RUNS_OF_USER } from '../../../gateway/openai/responses/kept/response-desk.ts'
import { aborted } from '../../support/aborted.ts'
import { answering, FAKE_START, scripted } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const WEATHER = { type: 'function' as const, name: 'weather', parameters: { type: 'object' }, strict: false }

describe('responses that the openai package comes back to', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  const messages = (turn: number) => {
    const body = started.node.asked[turn]?.body
    assert.ok(body !== undefined && 'messages' in body)
    return body.messages.map(({ role, content }) => [role, content])
  }
  const gone = { name: 'Error', status: 404, code: 'response_not_found' }

  /** An answer that waits in its middle until `go` resolves. */
  const waiting = (go: Promise<void>) =>
    async function* (_request: unknown, signal: AbortSignal): AsyncGenerator<QueryEvent> {
      yield FAKE_START
      yield { kind: 'text', text: 'one' }
      await Promise.race([go, aborted(signal)])
      signal.throwIfAborted()
      yield { kind: 'text', text: 'two' }
      yield { kind: 'end', finishReason: 'stop' }
    }

  it('are read again as they were, with their input', async () => {
    const made = await client.responses.create({ model: 'tiny', input: 'hello', metadata: { a: 'b' } })
    assert.equal(made.status, 'completed')
    const { output_text: _, ...whole } = made
    const { output_text: __, ...again } = await client.responses.retrieve(made.id)
    assert.deepEqual(again, whole)
    const { data } = await client.responses.inputItems.list(made.id)
    assert.deepEqual(data, [{ type: 'message', role: 'user', content: 'hello', id: 'in_q-1_0' }])
  })

  it('are listed item by item, in pages', async () => {
    const input = ['a', 'b', 'c'].map((content) => ({ role: 'user' as const, content }))
    const { id } = await client.responses.create({ model: 'tiny', input })
    const seen = []
    for await (const item of client.responses.inputItems.list(id, { limit: 2, order: 'asc' })) {
      seen.push('content' in item ? item.content : undefined)
    }
    assert.deepEqual(seen, ['a', 'b', 'c'])
  })

  it('go on with a conversation, its tools included, without the instructions of before', async () => {
    started.node.script = scripted(
      FAKE_START,
      { kind: 'toolCall', index: 0, id: 'c', name: 'weather', arguments: '{}' },
      { kind: 'end', finishReason: 'tool_calls' },
    )
    const first = await client.responses.create({
      model: 'tiny',
      input: 'weather?',
      instructions: 'old',
      tools: [WEATHER],
    })
    started.node.script = answering('rain')
    const second = await client.responses.create({
      model: 'tiny',
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: 'c', output: 'rain' }],
    })
    const third = await client.responses.create({ model: 'tiny', previous_response_id: second.id, input: 'and now?' })
    assert.deepEqual(messages(2), [
      ['user', 'weather?'],
      ['assistant', ''],
      ['tool', 'rain'],
      ['assistant', 'rain'],
      ['user', 'and now?'],
    ])
    assert.equal(third.previous_response_id, second.id)
  })

  it('give items by their id, as the AI SDK sends them', async () => {
    const { output } = await client.responses.create({ model: 'tiny', input: 'hello' })
    const reference = { type: 'item_reference' as const, id: output[0]?.id ?? '' }
    await client.responses.create({ model: 'tiny', input: [reference, { role: 'user', content: 'more' }] })
    assert.deepEqual(messages(1), [
      ['assistant', 'Hello world'],
      ['user', 'more'],
    ])
    const wrong = client.responses.create({ model: 'tiny', input: [{ ...reference, id: 'msg_q-1_7' }] })
    await assert.rejects(wrong, { status: 400, param: 'input[0].id' })
  })

  it('are not kept with store: false', async () => {
    const made = await client.responses.create({ model: 'tiny', input: 'hello', store: false })
    assert.equal(Object.hasOwn(made, 'store') && JSON.parse(JSON.stringify(made)).store, false)
    await assert.rejects(client.responses.retrieve(made.id), { status: 404, code: 'response_not_found' })
    assert.equal(started.node.responses.rows.size, 0)
  })

  it('are deleted', async () => {
    const { id } = await client.responses.create({ model: 'tiny', input: 'hello' })
    await client.responses.delete(id)
    await assert.rejects(client.responses.retrieve(id), { status: gone.status, code: gone.code })
    await assert.rejects(client.responses.delete(id), { status: gone.status })
    const next = client.responses.create({ model: 'tiny', input: 'x', previous_response_id: id })
    await assert.rejects(next, { status: 400, param: 'previous_response_id' })
  })

  it('run in the background without a client, and are replayed behind the last event that it has', async () => {
    const go = Promise.withResolvers<void>()
    started.node.script = waiting(go.promise)
    const stream = await client.responses.create({ model: 'tiny', input: 'hello', background: true, stream: true })
    const had = []
    for await (const event of stream) {
      had.push(event)
      if (event.type === 'response.output_text.delta') break // the link dies here
    }
    const [created] = had
    assert.ok(created?.type === 'response.created')
    const { id } = created.response
    assert.equal((await client.responses.retrieve(id)).status, 'in_progress')
    const after = had.at(-1)?.sequence_number ?? 0
    const rest = await client.responses.retrieve(id, { stream: true, starting_after: after })
    go.resolve()
    for await (const event of rest) had.push(event)
    assert.deepEqual(
      had.map(({ sequence_number }) => sequence_number),
      had.map((_, number) => number),
    )
    const last = had.at(-1)
    assert.ok(last?.type === 'response.completed')
    assert.equal((await client.responses.retrieve(id)).output_text, 'onetwo')
    const again = []
    for await (const event of await client.responses.retrieve(id, { stream: true })) again.push(event)
    assert.deepEqual(again, had)
  })

  it('are cancelled in the background, down to the engine, and only there', async () => {
    const stopped = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      await aborted(signal)
      stopped.resolve()
      signal.throwIfAborted()
    }
    const { id, status } = await client.responses.create({ model: 'tiny', input: 'hello', background: true })
    assert.equal(status, 'queued')
    assert.equal((await client.responses.cancel(id)).status, 'cancelled')
    await stopped.promise
    assert.equal((await client.responses.retrieve(id)).status, 'cancelled')
    started.node.script = answering('x')
    const plain = await client.responses.create({ model: 'tiny', input: 'hello' })
    await assert.rejects(client.responses.cancel(plain.id), { status: 400 })
  })

  it('go on behind the last word where the node was stopped while they ran, under the same numbers', async () => {
    started.node.script = waiting(new Promise(() => {}))
    const made = { model: 'tiny', input: 'hello', background: true } as const
    const had: OpenAI.Responses.ResponseStreamEvent[] = []
    const other = await startGateway()
    try {
      await assert.rejects(async () => {
        for await (const event of await client.responses.create({ ...made, stream: true })) {
          had.push(event)
          if (event.type === 'response.output_text.delta') void started.gateway.stop()
        }
      })
      other.node.responses = started.node.responses
      other.node.script = scripted({ kind: 'text', text: ' two' }, { kind: 'end', finishReason: 'stop' })
      await other.gateway.takeUp()
      const back = new OpenAI({ baseURL: `${other.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
      const after = had.at(-1)?.sequence_number ?? -1
      const rest = []
      for await (const event of await back.responses.retrieve('resp_q-1', { stream: true, starting_after: after })) {
        rest.push(event)
      }
      const numbers = [...had, ...rest].map(({ sequence_number }) => sequence_number)
      assert.deepEqual(numbers, [...numbers.keys()])
      assert.equal((await back.responses.retrieve('resp_q-1')).output_text, 'one two')
    } finally {
      await other.gateway.stop()
    }
  })

  it('are so many in the background, and no more', async () => {
    started.node.script = waiting(new Promise(() => {}))
    const ask = () => client.responses.create({ model: 'tiny', input: 'hello', background: true })
    const made = []
    for (let n = 0; n < MAX_BACKGROUND_RUNS_OF_USER; n += 1) made.push(await ask())
    await assert.rejects(ask(), OpenAI.RateLimitError)
    for (const { id } of made) await client.responses.delete(id)
    started.node.script = answering('x')
    assert.equal((await ask()).status, 'queued')
  })

  it('need to be kept to run in the background', async () => {
    const made = client.responses.create({ model: 'tiny', input: 'hello', background: true, store: false })
    await assert.rejects(made, { status: 400, param: 'background' })
  })
})
