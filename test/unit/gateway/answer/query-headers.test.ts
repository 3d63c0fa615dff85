import assert from 'node:assert/strict'
import { answerHeaders, requestOptions } from '../../../../gateway/answer/query-headers.ts'

describe('request options in headers', () => {
  it('reads all of them', () => {
    assert.deepEqual(
      requestOptions({
        'x-realmesh-query-id': 'abc-1',
        'x-realmesh-scope': 'friends',
        'x-realmesh-continuation': 'off',
        'x-realmesh-receipt': '1',
        'x-realmesh-events': 'queue',
      }),
      { query: { id: 'abc-1', scope: 'friends', continuation: false }, wantsReceipt: true, wantsQueue: true },
    )
  })

  it('says when no model answered, but a part of the node', () => {
    const builtin = (engine: string) => answerHeaders({ queryId: 'q', node: 'me', engine })['x-realmesh-builtin']
    assert.deepEqual([builtin('builtin/guide'), builtin('ollama')], ['builtin/guide', undefined])
  })

  it('takes a trace in, and is deaf to what is none', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const traceOf = (headers: Record<string, string>) => requestOptions(headers).query.trace
    assert.deepEqual(traceOf({ traceparent, tracestate: 'rig=1' }), { parent: traceparent, state: 'rig=1' })
    assert.equal(traceOf({ traceparent: 'me', tracestate: 'rig=1' }), undefined)
    assert.equal(traceOf({ tracestate: 'rig=1' }), undefined)
  })

  it('asks for nothing when there are none', () => {
    assert.deepEqual(requestOptions({}), { query: {}, wantsReceipt: false, wantsQueue: false })
  })

  const bad: readonly (readonly [string, string])[] = [
    ['x-realmesh-scope', 'everyone'],
    ['x-realmesh-scope', ''],
    ['x-realmesh-scope', 'Home'],
    ['x-realmesh-query-id', ''],
    ['x-realmesh-query-id', '../../etc'],
    ['x-realmesh-query-id', 'a'.repeat(129)],
    ['x-realmesh-continuation', 'no'],
    ['x-realmesh-receipt', 'yes'],
    ['x-realmesh-events', 'all'],
  ]
  for (const [name, value] of bad) {
    it(`refuses ${name}: ${value.slice(0, 20)}`, () => {
      assert.throws(() => requestOptions({ [name]: value }), { code: 'BAD_REQUEST', message: new RegExp(name) })
    })
  }
})
