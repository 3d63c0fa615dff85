import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { MAX_CHOICES_AT_ONCE } from '../../../../gateway/answer/several.ts'
import { aborted, answering, FAKE_START } from '../../../support/fake-node.ts'
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
})
