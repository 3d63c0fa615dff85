/** The rerank paths, asked as the clients of Jina, Cohere, vLLM and llama-server do. */
import assert from 'node:assert/strict'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { FAKE_START, failing, scripted } from '../../support/fake-node.ts'
import { simulatedScript } from '../../support/simulated-engine.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const DOCUMENTS = ['a cat', 'the rig hums', 'the tree']
const QUESTION = { model: 'tiny', query: 'the rig', documents: DOCUMENTS }

interface Body {
  readonly id: string
  readonly object: string
  readonly model: string
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number }
  readonly results: readonly { readonly index: number; readonly relevance_score: number; readonly document?: object }[]
  readonly error?: { readonly message: string; readonly code: string; readonly param: string | null }
  readonly message?: string
  readonly detail?: string
}

describe('the rerank door', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
    started.node.script = simulatedScript
  })
  afterEach(() => started.gateway.stop())

  const post = (path: string, body: unknown): Promise<Received> => send(started.port, { path, body })
  const ask = async (path: string, body: unknown): Promise<Body> => JSON.parse((await post(path, body)).text) as Body

  for (const path of ['/v1/rerank', '/rerank', '/v2/rerank', '/v1/v1/rerank']) {
    it(`${path}: tells scores best first, with what all of its clients read`, async () => {
      const { headers, status } = await post(path, QUESTION)
      assert.deepEqual([status, headers['x-realmesh-node']], [200, FAKE_START.node])
      const body = await ask(path, { ...QUESTION, top_n: 2 })
      assert.deepEqual(
        body.results.map(({ index }) => index),
        [1, 2],
      )
      assert.ok((body.results[0]?.relevance_score ?? 0) > (body.results[1]?.relevance_score ?? 0))
      assert.deepEqual([body.object, body.model], ['list', FAKE_START.model])
      assert.deepEqual(body.usage, { prompt_tokens: 3, total_tokens: 3 })
      assert.equal(typeof body.id, 'string')
      assert.deepEqual(started.node.asked.at(-1)?.body, { query: 'the rig', documents: DOCUMENTS, topN: 2 })
    })
  }

  it('brings documents back as Jina does, unless the client says otherwise, and as Cohere does not', async () => {
    const first = async (path: string, more: object = {}) => (await ask(path, { ...QUESTION, ...more })).results[0]
    assert.deepEqual((await first('/v1/rerank'))?.document, { text: 'the rig hums' })
    assert.equal((await first('/v1/rerank', { return_documents: false }))?.document, undefined)
    assert.equal((await first('/v2/rerank'))?.document, undefined)
    assert.deepEqual((await first('/v2/rerank', { return_documents: true }))?.document, { text: 'the rig hums' })
    assert.equal((await first('/rerank', { return_text: false }))?.document, undefined)
  })

  it('takes documents that are objects: their text, or the fields that are named, and brings them back whole', async () => {
    const documents = [
      { text: 'a cat', id: 7 },
      { text: 'the rig hums', title: 'rigs' },
    ]
    const { results } = await ask('/v1/rerank', { ...QUESTION, query: { text: 'the rig' }, documents })
    assert.deepEqual(results[0]?.document, documents[1])
    assert.deepEqual(started.node.asked.at(-1)?.body, { query: 'the rig', documents: ['a cat', 'the rig hums'] })
    await ask('/v1/rerank', { ...QUESTION, documents, rank_fields: ['title', 'text'] })
    const { body } = started.node.asked.at(-1) ?? assert.fail('it was asked')
    assert.deepEqual('documents' in body && body.documents, ['text: a cat', 'title: rigs\ntext: the rig hums'])
  })

  it('takes wishes for nothing as none: top_n of 0 and of more than there are, nulls', async () => {
    for (const more of [{ top_n: 0 }, { top_n: 99 }, { top_n: null, return_documents: null, rank_fields: null }]) {
      assert.equal((await ask('/rerank', { ...QUESTION, ...more })).results.length, 3)
      assert.deepEqual(started.node.asked.at(-1)?.body, { query: 'the rig', documents: DOCUMENTS })
    }
  })

  it('names what no engine takes in the head', async () => {
    const { headers } = await post('/v2/rerank', { ...QUESTION, max_tokens_per_doc: 4096, priority: 1 })
    assert.deepEqual(String(headers['x-realmesh-ignored']).split(', ').toSorted(), ['max_tokens_per_doc', 'priority'])
  })

  it('tells an error where each client looks for it', async () => {
    for (const [body, param] of [
      [{ ...QUESTION, documents: [] }, 'documents'],
      [{ ...QUESTION, documents: [{ title: 'x' }] }, 'documents[0].text'],
      [{ ...QUESTION, documents: [7] }, 'documents[0]'],
      [{ model: 'tiny', documents: DOCUMENTS }, 'query'],
    ] as const) {
      const { status, text } = await post('/v2/rerank', body)
      const told = JSON.parse(text) as Body
      assert.deepEqual([status, told.error?.param], [400, param])
      assert.deepEqual([told.message, told.detail], [told.error?.message, told.error?.message])
    }
    const { status, text } = await post('/v1/rerank', { ...QUESTION, model: 'gone' })
    assert.deepEqual([status, (JSON.parse(text) as Body).error?.code], [404, 'model_not_found'])
  })

  it('is no answer where the engine failed, or ranked other documents than were asked for', async () => {
    started.node.script = failing(new RealmeshError('CAPABILITY_MISSING', 'tiny does not rank'), FAKE_START)
    assert.equal((await post('/v1/rerank', QUESTION)).status, 400)
    const rank = { kind: 'ranked', index: 1, score: 1 } as const
    started.node.script = scripted(FAKE_START, rank, rank, { ...rank, index: 9 }, { kind: 'end', finishReason: 'stop' })
    assert.equal((await post('/v1/rerank', QUESTION)).status, 502)
  })

  it('asks for a key where there are keys', async () => {
    await started.gateway.stop()
    started = await startGateway({ apiKeys: [{ id: 'k', hash: '0'.repeat(64) }] as never })
    for (const path of ['/v1/rerank', '/rerank', '/v2/rerank', '/tokenize', '/detokenize']) {
      assert.equal((await post(path, QUESTION)).status, 401, path)
    }
  })
})
