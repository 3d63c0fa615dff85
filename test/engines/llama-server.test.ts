import assert from 'node:assert/strict'
import type { Query, QueryType } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import { collect } from '../support/collect.ts'
import { chatQuery } from '../support/query.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { directOpenAi, postJson, type RealEngine } from '../support/real/real-engine.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'llama-server',
  model: 'smol',
  missing: llamaServerMissing(),
  inGate: true,
  context: 2048,
  slots: 2,
  // The model's template has no place for tools, and the server says so.
  can: { tools: false, structured: true, seed: true, prefill: true, load: true, loading: true, refusesLong: true },
  start: ({ port, wait = true } = {}) => {
    const init = port === undefined ? {} : { port }
    return wait ? LlamaServer.start(init) : LlamaServer.launch(init)
  },
  direct: (server, ask) => directOpenAi(server, 'smol', ask),
  more: (server) => {
    it('counts a conversation as it then reads it, and tells tokens that become the text again', async () => {
      const engine = createEngine({ kind: 'llama-server', url: server().url })
      const { type: _, body: __, ...envelope } = chatQuery({ model: 'smol' })
      const ask = async (query: Pick<Query, 'type' | 'body'>): Promise<readonly QueryEvent[]> =>
        await collect(engine.run({ ...envelope, ...query } as Query, { signal: new AbortController().signal }))
      const [model] = await engine.models({ signal: new AbortController().signal })
      assert.deepEqual(model?.types, ['chat', 'tokens'])
      const messages = [{ role: 'user', content: 'Hello wörld 🦙' }] as const
      const chat = { messages, sampling: { maxTokens: 1 }, tools: [{ name: 'f', parameters: {} }] }
      const answered = (await ask({ type: 'chat', body: { ...chat, tools: [] } })).at(-1)
      const [counted] = await ask({ type: 'tokens', body: { chat } })
      assert.ok(answered?.kind === 'end' && answered.usage !== undefined)
      assert.deepEqual(counted, { kind: 'tokens', count: answered.usage.promptTokens })
      const [whole] = await ask({ type: 'tokens', body: { chat, detail: 'ids' } })
      assert.equal(whole?.kind === 'tokens' && whole.ids?.length, counted.count)
      const [told] = await ask({ type: 'tokens', body: { text: 'Hello wörld 🦙', detail: 'pieces' } })
      assert.ok(told?.kind === 'tokens' && told.ids !== undefined && told.pieces !== undefined)
      assert.equal(Buffer.concat(told.pieces).toString(), 'Hello wörld 🦙')
      const [text] = await ask({ type: 'tokens', body: { ids: told.ids } })
      assert.deepEqual(text, { kind: 'text', text: 'Hello wörld 🦙' })
      const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const
      const [seen] = await ask({ type: 'tokens', body: { chat: { messages: [{ role: 'user', content: [image] }] } } })
      assert.ok(seen?.kind === 'tokens' && seen.estimated === true)
      await engine.close()
    })

    it('ranks documents where it was started for that, and is offered for nothing else then', async () => {
      const ranker = await LlamaServer.start({ set: { embedding: true, pooling_type: 4 } })
      const engine = createEngine({ kind: 'llama-server', url: ranker.url })
      const { signal } = new AbortController()
      const [model] = await engine.models({ signal })
      assert.deepEqual(model?.types, ['rerank', 'tokens'])
      const { type: _, body: __, ...envelope } = chatQuery({ model: 'smol' })
      const body = { query: 'what is a panda?', documents: ['hi', 'a panda is a bear', 'the giant'], topN: 2 }
      const events = await collect(engine.run({ ...envelope, type: 'rerank', body }, { signal }))
      const ranked = events.flatMap((event) => (event.kind === 'ranked' ? event : []))
      assert.equal(ranked.length, 2)
      assert.ok((ranked[0]?.score ?? 0) >= (ranked[1]?.score ?? 0))
      assert.ok(events.at(-1)?.kind === 'end')
      const reply = (await postJson(`${ranker.url}/v1/rerank`, body)) as { results: { index: number }[] }
      assert.deepEqual(
        ranked.map(({ index }) => index),
        reply.results.slice(0, 2).map(({ index }) => index),
      )
      await engine.close()
      await ranker.stop()
    })

    it('makes embeddings only where it was started for them, whatever the model is called', async () => {
      const { signal } = new AbortController()
      const typesAt = async (url: string): Promise<readonly QueryType[] | undefined> => {
        const engine = createEngine({ kind: 'llama-server', url })
        const [model] = await engine.models({ signal })
        await engine.close()
        return model?.types
      }
      const embeds = await LlamaServer.start({ set: { embedding: true, pooling_type: 1 } })
      assert.deepEqual(
        [await typesAt(server().url), await typesAt(embeds.url)],
        [
          ['chat', 'tokens'],
          ['chat', 'embed', 'tokens'],
        ],
      )
      await embeds.stop()
    })
  },
}

realEngineSuite('llama-server', real)
realNodeSuite('llama-server', real)
