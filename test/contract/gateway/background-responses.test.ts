import assert from 'node:assert/strict'
import { answering, FAKE_START } from '../../support/fake-node.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

describe('what a background response says beside its body', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  /** `frobnicate` reaches no engine, and the model of the scripted node does not think. */
  const ask = (more: object): Promise<Received> => {
    const body = { model: 'tiny', input: 'hi', frobnicate: 1, reasoning: { effort: 'low' }, ...more }
    return send(started.port, { path: '/v1/responses', body })
  }
  const read = (path: string): Promise<Received> => send(started.port, { path: `/v1/responses/${path}` })
  const headersOf = ({ headers }: Received) =>
    ['x-realmesh-query', 'x-realmesh-node', 'x-realmesh-ignored'].map((name) => headers[name])
  const ALL = ['q-1', FAKE_START.node, 'reasoning.effort, frobnicate']

  it('is at first what no engine gets, and of the engine once one answers', async () => {
    const go = Promise.withResolvers<void>()
    started.node.script = async function* (request, signal) {
      await go.promise
      yield* answering('x')(request, signal)
    }
    assert.deepEqual(headersOf(await ask({ background: true })), ['q-1', undefined, 'frobnicate'])
    go.resolve()
    await read('resp_q-1?stream=true') // to its end
    assert.deepEqual(headersOf(await read('resp_q-1')), ALL)
  })

  it('is the same of a stream, and when it is streamed again', async () => {
    assert.deepEqual(headersOf(await ask({ background: true, stream: true })), ALL)
    assert.deepEqual(headersOf(await read('resp_q-1?stream=true')), ALL)
  })

  it('is the same of a response whose client waited', async () => {
    assert.deepEqual(headersOf(await ask({})), ALL)
    assert.deepEqual(headersOf(await read('resp_q-1')), ALL)
  })
})
