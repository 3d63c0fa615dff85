/** Ranking documents and telling tokens: at llama-server and vLLM, and where an engine has no page for it. */
import assert from 'node:assert/strict'
import type { Query, TokensBody } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { Engine } from '../../../engines/adapter/engine.ts'
import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import { collect } from '../../support/collect.ts'
import type { OpenAiStubKind } from '../../support/engines/openai-stub.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import { chatQuery } from '../../support/query.ts'

const { signal } = new AbortController()
const { type: _type, body: _body, ...envelope } = chatQuery()
const messages = [{ role: 'user', content: 'what do rigs do' }] as const
const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const

describe('ranks and tokens of engines', () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })

  async function start(kind: OpenAiStubKind & OpenAiEngine['kind'], knobs: Partial<StubKnobs> = {}) {
    const stub = await startStub(kind, knobs)
    const engine = new OpenAiEngine({ kind, url: stub.url })
    open.push(engine, { close: () => stub.stop() })
    return { stub, engine, models: await engine.models({ signal }) }
  }

  const rank = (engine: Engine, model: string, topN?: number): Promise<QueryEvent[]> => {
    const body = { query: 'q', documents: ['bb', 'a', 'dddd', 'ccc'], ...(topN !== undefined && { topN }) }
    const query: Query = { ...envelope, model, type: 'rerank', body }
    return collect(engine.run(query, { signal }))
  }
  const tell = async (engine: Engine, body: TokensBody, model = 'tiny'): Promise<QueryEvent | undefined> => {
    const query: Query = { ...envelope, model, type: 'tokens', body }
    const events = await collect(engine.run(query, { signal }))
    assert.equal(events.at(-1)?.kind, 'end')
    return events[0]
  }

  for (const kind of ['llama-server', 'vllm'] as const) {
    it(`${kind}: ranks where it was started for it, best first, no more than were wanted`, async () => {
      const { engine, models } = await start(kind, { models: ['a-reranker'] })
      assert.deepEqual(models[0]?.types, ['rerank', 'tokens'])
      const events = await rank(engine, 'a-reranker', 3)
      assert.deepEqual(events, [
        { kind: 'ranked', index: 2, score: 0.4 },
        { kind: 'ranked', index: 3, score: 0.3 },
        { kind: 'ranked', index: 0, score: 0.2 },
        { kind: 'end', finishReason: 'stop', usage: { promptTokens: 9, completionTokens: 0 } },
      ])
      const chats = await start(kind, { models: ['tiny'] })
      assert.equal(chats.models[0]?.types.includes('rerank'), false)
      await assert.rejects(rank(chats.engine, 'tiny'), { code: 'CAPABILITY_MISSING' })
    })

    it(`${kind}: tells the tokens of a text, and the text of tokens`, async () => {
      const { engine, models } = await start(kind)
      assert.equal(models[0]?.types.at(-1), 'tokens')
      assert.deepEqual(await tell(engine, { text: 'one two' }), { kind: 'tokens', count: 2 })
      const ids = { kind: 'tokens', count: 2, ids: [3_000, 4_001] }
      assert.deepEqual(await tell(engine, { text: 'one two', detail: 'ids' }), ids)
      const pieces = ['one', ' two'].map((piece) => new TextEncoder().encode(piece))
      const told = kind === 'vllm' ? ids : { ...ids, pieces }
      assert.deepEqual(await tell(engine, { text: 'one two', detail: 'pieces' }), told)
      assert.deepEqual(await tell(engine, { ids: [1, 2] }), { kind: 'text', text: '1,2' })
    })

    it(`${kind}: counts a conversation with its tools; pictures are reckoned, and said to be`, async () => {
      const { engine } = await start(kind)
      const plain = await tell(engine, { chat: { messages } })
      assert.deepEqual(plain, { kind: 'tokens', count: 5 })
      const tools = [{ name: 'weather', description: 'says how it is', parameters: { type: 'object' } }]
      const more = await tell(engine, { chat: { messages, tools } })
      assert.ok(more?.kind === 'tokens' && more.count > 5)
      const seen = await tell(engine, { chat: { messages: [{ role: 'user', content: [image] }] } })
      assert.ok(seen?.kind === 'tokens' && seen.estimated === true && seen.count > 500)
      assert.deepEqual(await tell(engine, { chat: { messages }, detail: 'ids' }), {
        kind: 'tokens',
        count: 5,
        ids: [5_000, 6_001, 3_002, 5_003, 4_004],
      })
    })
  }

  it('llama-server: a version that cannot count a conversation is given its text', async () => {
    const { engine } = await start('llama-server', { missing: ['/v1/chat/completions/input_tokens'] })
    assert.deepEqual(await tell(engine, { chat: { messages } }), { kind: 'tokens', count: 5 })
  })

  it('a model that turns out to have no such page is not offered for it any more', async () => {
    const { engine, models } = await start('llama-server', { missing: ['/tokenize'] })
    assert.equal(models[0]?.types.includes('tokens'), true)
    await assert.rejects(tell(engine, { text: 'one' }), { code: 'CAPABILITY_MISSING' })
    assert.equal((await engine.models({ signal }))[0]?.types.includes('tokens'), false)
  })

  it('others tell no tokens, and rank where their list or the name of a model says so', async () => {
    const { models, engine } = await start('openai', { models: ['tiny', 'bge-reranker-v2-m3'] })
    assert.deepEqual(
      models.map(({ types }) => types),
      [['chat'], ['rerank']],
    )
    await assert.rejects(tell(engine, { text: 'one' }), { code: 'CAPABILITY_MISSING' })
  })
})
