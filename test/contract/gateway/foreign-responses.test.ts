import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { aborted } from '../../support/aborted.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const KEYS = ['key-of-ann', 'key-of-bob'] as const

/** What another key tries with a response. */
const TRIES: readonly { readonly method: string; readonly path: string }[] = [
  { method: 'GET', path: '' },
  { method: 'GET', path: '?stream=true' },
  { method: 'GET', path: '/input_items' },
  { method: 'POST', path: '/cancel' },
  { method: 'DELETE', path: '' },
]

describe('the responses of another key', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway({ apiKeys: KEYS.map((key) => ({ hash: hashKey(key) })) })
  })
  afterEach(() => started.gateway.stop())

  const as = (key: (typeof KEYS)[number], method: string, path: string, body?: object): Promise<Received> =>
    send(started.port, { method, path: `/v1/responses${path}`, headers: { authorization: `Bearer ${key}` }, body })
  const make = async (more: object = {}): Promise<string> => {
    const made = await as('key-of-ann', 'POST', '', { model: 'tiny', input: 'a secret', ...more })
    assert.equal(made.status, 200)
    return (JSON.parse(made.text) as { id: string }).id
  }
  /** That `key-of-bob` is told the same of `id` as of a response that never was. */
  const assertHidden = async (id: string): Promise<void> => {
    for (const { method, path } of TRIES) {
      const tried = await as('key-of-bob', method, `/${id}${path}`)
      const never = await as('key-of-bob', method, `/resp_never${path}`)
      assert.deepEqual([tried.status, tried.text], [404, never.text], `${method} ${path}`)
    }
    const next = { model: 'tiny', input: 'go on' }
    const going = await as('key-of-bob', 'POST', '', { ...next, previous_response_id: id })
    assert.deepEqual([going.status, /previous_response_id/.test(going.text)], [400, true])
    const item = { type: 'item_reference', id: `msg_${id.slice('resp_'.length)}_0` }
    assert.equal((await as('key-of-bob', 'POST', '', { ...next, input: [item] })).status, 400)
    assert.equal((await as('key-of-ann', 'GET', `/${id}`)).status, 200)
  }

  it('are not there once they have ended', async () => {
    await assertHidden(await make())
  })

  it('are not there while they run', async () => {
    started.node.script = async function* (_request, signal): AsyncGenerator<QueryEvent> {
      yield FAKE_START
      await aborted(signal)
      signal.throwIfAborted()
    }
    const id = await make({ background: true })
    await assertHidden(id)
    await as('key-of-ann', 'DELETE', `/${id}`)
  })

  it('stay what they are where both chose the same id', async () => {
    const headers = (key: string) => ({ authorization: `Bearer ${key}`, 'x-realmesh-query-id': 'same' })
    for (const [at, key] of KEYS.entries()) {
      const body = { model: 'tiny', input: `of ${at}` }
      await send(started.port, { path: '/v1/responses', headers: headers(key), body })
    }
    for (const [at, key] of KEYS.entries()) {
      const items = await as(key, 'GET', '/resp_same/input_items')
      assert.match(items.text, new RegExp(`"content":"of ${at}"`))
    }
  })
})
