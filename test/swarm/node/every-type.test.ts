/** Queries of every type at a node that has no engine: its peer's engine, simulated, serves them. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../../core/logger.ts'
import { QUERY_TYPES } from '../../../core/query/query.ts'
import { isContent } from '../../../core/query/query-event.ts'
import { createGateway } from '../../../gateway/gateway.ts'
import type { QueryRequest } from '../../../node/api/node-api.ts'
import { collect } from '../../support/collect.ts'
import { type NodePair, nodePair } from '../../support/node-pair.ts'
import { simulatedContent, simulatedEngine, simulatedModel } from '../../support/simulated-engine.ts'

const { signal } = new AbortController()
const messages = [{ role: 'user', content: 'hello there' }] as const
/** More than two frames. */
const audio = Uint8Array.from({ length: 120_000 }, (_, i) => i % 251)
const recording = { audio, mediaType: 'audio/wav', fileName: 'a.wav', task: 'transcribe' } as const

const REQUESTS: readonly Pick<QueryRequest, 'type' | 'body'>[] = [
  { type: 'chat', body: { messages } },
  { type: 'imagine', body: { prompt: 'a llama' } },
  { type: 'embed', body: { inputs: ['a', 'bc'] } },
  { type: 'rerank', body: { query: 'the rig', documents: ['a cat', 'the rig hums', 'the tree'], topN: 2 } },
  { type: 'tokens', body: { text: 'one two three', detail: 'pieces' } },
  { type: 'tokens', body: { chat: { messages } } },
  { type: 'transcribe', body: { ...recording, words: true, speakers: true } },
  { type: 'speak', body: { text: 'hello', format: 'mp3', voice: 'nova' } },
]

describe('a query of each type', () => {
  const engine = simulatedEngine([simulatedModel('all', QUERY_TYPES)])
  let folder: string
  let pair: NodePair

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'realmesh-types-'))
    pair = await nodePair({ folder, engine })
  })
  after(async () => {
    await pair.stop()
    await rm(folder, { recursive: true, force: true })
  })

  for (const request of REQUESTS) {
    it(`${request.type}: is served by a peer, and what comes is what its engine said`, async () => {
      const query = { ...request, model: 'all', user: 'alice' } as QueryRequest
      const events = await collect(pair.asker.query(query, { signal }).events)
      assert.deepEqual(events.filter(isContent), simulatedContent(request as QueryRequest))
      const end = events.at(-1)
      assert.ok(end?.kind === 'end' && end.receipt?.attempts.at(-1)?.node === pair.rig.peerId)
      assert.deepEqual(engine.runs.at(-1)?.query.body, request.body)
      const { type, body } = engine.runs.at(-1)?.query ?? assert.fail('it ran')
      assert.deepEqual([type, 'audio' in body && body.audio.byteLength], [request.type, 'audio' in body && 120_000])
      assert.equal(end.kind === 'end' && end.heard?.language, type === 'transcribe' ? 'en' : undefined)
    })
  }

  it('is asked at the doors too: documents and tokens of a peer come back in their own words', async () => {
    const gateway = createGateway(
      { node: pair.asker, log: silentLogger },
      { host: '127.0.0.1', port: 0, apiKeys: [], version: '0.0.0-test', drainMs: 1_000 },
    )
    await gateway.start()
    const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const headers = { 'content-type': 'application/json' }
      const reply = await fetch(`${gateway.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      assert.deepEqual([reply.status, reply.headers.get('x-realmesh-node')], [200, pair.rig.peerId])
      return (await reply.json()) as Record<string, unknown>
    }
    const documents = ['a cat', 'the rig hums']
    const { results } = await ask('/v2/rerank', { model: 'all', query: 'the rig', documents })
    assert.deepEqual(
      (results as { index: number }[]).map(({ index }) => index),
      [1, 0],
    )
    assert.deepEqual((await ask('/tokenize', { model: 'all', content: 'one two' }))['tokens'], [3, 4])
    assert.equal((await ask('/detokenize', { model: 'all', tokens: [3, 4] }))['content'], '3 4')
    await gateway.stop()
  })

  it('a realm that nobody named shows at both nodes, and its model names its voices', () => {
    for (const [node, workers, peers] of [
      [pair.rig, 1, 0],
      [pair.asker, 0, 1],
    ] as const) {
      const rows = node.status().realms.filter(({ name }) => name === '$HEAR' || name === '$SPEAK')
      assert.deepEqual(
        rows.map((row) => [row.name, row.primaryQueryType, row.workers, row.peers]),
        [
          ['$HEAR', 'transcribe', workers, peers],
          ['$SPEAK', 'speak', workers, peers],
        ],
      )
      assert.deepEqual(node.status().warnings, [])
      assert.deepEqual(node.models()[0]?.model.voices, ['alloy', 'nova'])
    }
  })
})
