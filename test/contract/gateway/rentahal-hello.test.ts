/** What RENT-A-HAL's socket has for clients that ask for more than the original had. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import type { HalClient } from '../../support/rentahal-client.ts'
import { HalHouse, receiptOf } from '../../support/rentahal-house.ts'

describe('a client that says hello', () => {
  let house: HalHouse
  let client: HalClient
  beforeEach(async () => {
    house = await new HalHouse().start()
    client = await house.client()
    house.node.script = async function* (request) {
      yield { kind: 'queued', position: 2, estimatedWaitMs: 1_500 }
      yield FAKE_START
      yield {
        kind: 'progress',
        fraction: 0.5,
        note: 'loads',
        preview: { mediaType: 'image/jpeg', data: Buffer.from('J') },
      }
      yield { kind: 'text', text: 'one <b>' }
      yield { kind: 'text', text: ' two' }
      yield { kind: 'end', finishReason: 'stop', receipt: receiptOf(request, 500) }
    }
  })
  afterEach(() => house.stop())

  const submit = (more: object = {}): void =>
    client.send({ type: 'submit_query', ref: 'mine', query: { prompt: 'hi', query_type: 'chat' }, ...more })
  const hello = async (...features: readonly string[]): Promise<void> => {
    client.send({ type: 'hello', features })
    await client.nextOf('hello')
  }

  it('is told which of its wishes it has', async () => {
    client.send({ type: 'hello', features: ['text', 'telepathy', 'ids'] })
    assert.deepEqual(await client.next(), { type: 'hello', server: 'realmesh', features: ['ids', 'text'] })
    client.send({ type: 'hello', features: [] })
    assert.deepEqual((await client.next())['features'], [])
    client.send({ type: 'hello' })
    assert.equal((await client.next()).message, "'features'")
  })

  it('follows its query by its id: waits, progress, text, receipt, result', async () => {
    await hello('ids', 'text', 'progress', 'receipts')
    submit()
    const names = { query_id: 'q-1', ref: 'mine' }
    const queue = { type: 'queue_update', depth: 1, total: 0 }
    assert.deepEqual(await client.take(10), [
      queue,
      { type: 'query_accepted', ...names },
      { type: 'query_progress', ...names, position: 2, estimated_wait: 1.5 },
      queue,
      {
        ...{ type: 'query_progress', ...names, fraction: 0.5, note: 'loads' },
        ...{ preview: Buffer.from('J').toString('base64'), preview_type: 'image/jpeg' },
      },
      { type: 'query_text', ...names, text: 'one <b>' },
      { type: 'query_text', ...names, text: ' two' },
      {
        type: 'query_receipt',
        ...names,
        receipt: { type: 'chat', outcome: 'served', totalMs: 500, attempts: [], id: 'r' },
      },
      {
        ...{
          type: 'query_result',
          result: 'one &lt;b&gt; two',
          result_type: 'text',
          processing_time: 0.5,
          cost: 0.0105,
        },
        ...{ ...names, model: 'tiny:latest', node: 'peer-that-serves' },
      },
      { type: 'queue_update', depth: 0, total: 0 },
    ])
    assert.equal(house.node.asked[0]?.wantsReceipt, true)
  })

  it('hears nothing more than the original says where it wished for nothing', async () => {
    submit()
    const told = await client.take(4)
    assert.deepEqual(
      told.map(({ type }) => type),
      ['queue_update', 'queue_update', 'query_result', 'queue_update'],
    )
    assert.deepEqual(Object.keys(told[2] ?? {}), ['type', 'result', 'result_type', 'processing_time', 'cost'])
  })

  it('cancels its query, and no other socket’s', async () => {
    house.node.script = async function* (_request, signal) {
      yield FAKE_START
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      throw signal.reason
    }
    await hello('ids')
    submit()
    const { query_id: id } = await client.nextOf('query_accepted')
    const other = await house.client()
    other.send({ type: 'cancel_query', query_id: id })
    assert.match((await other.next()).message, /no query of this connection/)
    client.send({ type: 'cancel_query', query_id: id })
    assert.deepEqual(await client.nextOf('error'), {
      ...{ type: 'error', message: 'Query cancelled', query_id: id, ref: 'mine', code: 'CANCELLED' },
    })
    assert.equal((await client.next()).depth, 0)
  })

  it('is told the code of what failed', async () => {
    house.node.script = async function* () {
      yield FAKE_START
      throw new RealmeshError('TERMINATED', 'the operator ended this query')
    }
    await hello('ids')
    submit()
    const error = await client.nextOf('error')
    assert.deepEqual([error['code'], error['query_id'], error['ref']], ['TERMINATED', 'q-1', 'mine'])
  })
})
