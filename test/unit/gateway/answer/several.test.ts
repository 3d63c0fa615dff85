import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { MAX_CHOICES_AT_ONCE } from '../../../../gateway/answer/several.ts'
import { aborted } from '../../../support/aborted.ts'
import { answering, FAKE_START, scripted } from '../../../support/fake-node.ts'
import { HELLO, type StartedGateway, startGateway } from '../../../support/started-gateway.ts'

describe('several answers to one request', () => {
  let started: StartedGateway

  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${started.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...HELLO, ...body }),
    })
  }

  it('run side by side, not all at once', async () => {
    let running = 0
    let most = 0
    const { node } = started
    node.script = async function* (...asked): AsyncGenerator<QueryEvent> {
      running += 1
      most = Math.max(most, running)
      yield* answering('x')(...asked)
      running -= 1
    }
    const { choices } = (await (await post({ n: 20 })).json()) as { choices: unknown[] }
    assert.deepEqual([choices.length, node.asked.length, most], [20, 20, MAX_CHOICES_AT_ONCE])
  })

  it('have ids of their own below the one that the client chose', async () => {
    await (await post({ n: 3 }, { 'x-realmesh-query-id': 'mine' })).text()
    assert.deepEqual(
      started.node.asked.map(({ id }) => id),
      ['mine', 'mine.1', 'mine.2'],
    )
  })

  it('fail together, and the others are ended', async () => {
    let ended = 0
    started.node.script = async function* (request, signal): AsyncGenerator<QueryEvent> {
      if (started.node.asked.indexOf(request) === 1) throw new RealmeshError('ENGINE_FAILED', 'broke')
      try {
        yield* answering('x')(request, signal)
      } finally {
        ended += 1
      }
    }
    const response = await post({ n: 3 })
    assert.equal(response.status, 502)
    assert.match(await response.text(), /broke/)
    assert.equal(ended, 2)
  })

  it('fail together at once, however long the others would still wait for a place', async () => {
    let left = 0
    started.node.script = async function* (request, signal): AsyncGenerator<QueryEvent> {
      yield FAKE_START
      if (started.node.asked.indexOf(request) === 1) throw new RealmeshError('ENGINE_FAILED', 'broke')
      await aborted(signal)
      left += 1
      throw new RealmeshError('CANCELLED', 'gone')
    }
    const response = await post({ n: 3 })
    assert.deepEqual([response.status, left], [502, 2])
  })

  it('name the fields that any of their engines leaves out, whole and streamed', async () => {
    const body = { n: 2, mirostat: 2, reasoning_effort: 'low' }
    const engines = ['ollama', 'vllm']
    started.node.script = async function* (request, signal): AsyncGenerator<QueryEvent> {
      const engine = engines[started.node.asked.indexOf(request) % 2] ?? ''
      for await (const event of answering('x')(request, signal)) {
        yield event.kind === 'start' ? { ...event, engine, node: engine } : event
      }
    }
    const whole = await post(body)
    await whole.text()
    assert.equal(whole.headers.get('x-realmesh-ignored'), 'reasoning_effort, mirostat')
    const streamed = await post({ ...body, stream: true })
    assert.match(`${streamed.headers.get('x-realmesh-ignored')}\n${await streamed.text()}`, /mirostat/)
  })

  it('add up what each used, with the cache and the thoughts; a shared prompt counts once', async () => {
    started.node.script = scripted(FAKE_START, {
      kind: 'end',
      finishReason: 'stop',
      usage: { promptTokens: 5, completionTokens: 3, cachedTokens: 4, reasoningTokens: 2 },
    })
    const { usage } = (await (await post({ n: 2 })).json()) as { usage: object }
    assert.deepEqual(usage, {
      ...{ prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 },
      ...{ prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 4 } },
    })
  })
})
