/** What a server that speaks OpenAI's API offers, and what it turns out not to be. */
import assert from 'node:assert/strict'
import type { ChatBody } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import type { OpenAiKind } from '../../../engines/openai/openai-flavours.ts'
import { modelOf } from '../../../engines/openai/openai-models.ts'
import { collect, textOf } from '../../support/collect.ts'
import type { OpenAiStubKind } from '../../support/engines/openai-stub.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'

describe('models of servers that speak OpenAI\u2019s API', () => {
  const never = new AbortController().signal
  const open: { close(): Promise<void> }[] = []

  async function start(
    kind: OpenAiStubKind & OpenAiKind,
    knobs: Partial<StubKnobs> = {},
  ): Promise<{ stub: StubServer; engine: OpenAiEngine }> {
    const stub = await startStub(kind, knobs)
    const engine = new OpenAiEngine({ kind, url: stub.url })
    open.push(engine, { close: () => stub.stop() })
    return { stub, engine }
  }

  const names = async (engine: OpenAiEngine, named: readonly string[] = []): Promise<readonly string[]> =>
    (await engine.models({ signal: never, named })).map(({ name }) => name)

  const ask = (engine: OpenAiEngine, model: string, body: Partial<ChatBody> = {}) =>
    collect(
      engine.run(chatQuery({ model, body: { messages: [{ role: 'user', content: 'hi' }], ...body } }), {
        signal: never,
      }),
    )

  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })

  it('bear no path among nodes, and the engine is asked by its own word', async () => {
    const { stub, engine } = await start('vllm', { models: ['/srv/private/models/tiny.gguf'] })
    assert.deepEqual(await names(engine), ['tiny'])
    assert.ok(textOf(await ask(engine, 'tiny')).length > 0)
    const { body } = await stub.journal.waitFor('start')
    assert.equal((body as { model: string }).model, '/srv/private/models/tiny.gguf')
  })

  it('are not passed off as others: llama-server answers by any name', async () => {
    const { stub, engine } = await start('llama-server', { models: ['old'] })
    assert.deepEqual(await names(engine), ['old'])
    stub.knobs = { ...stub.knobs, models: ['new'] }
    await assert.rejects(ask(engine, 'old'), { code: 'MODEL_NOT_FOUND', retryable: true, message: /with new instead/ })
    assert.equal(stub.journal.count('end'), 0)
  })

  it('may be decorated in the answer', async () => {
    const stub = await startStub('transformers')
    const engine = new OpenAiEngine({ kind: 'openai', url: stub.url })
    open.push(engine, { close: () => stub.stop() })
    await engine.models({ signal: never })
    assert.ok(textOf(await ask(engine, 'tiny')).length > 0)
  })

  it('may be named by the owner where the engine lists none, or not at all', async () => {
    assert.deepEqual(await names((await start('openai', { models: [] })).engine, ['tiny']), ['tiny'])
    assert.deepEqual(await names((await start('openai', { missing: ['/v1/models'] })).engine, ['tiny']), ['tiny'])
    assert.deepEqual(await names((await start('openai')).engine, ['tiny']), ['tiny', 'embedder'])
    const { engine } = await start('openai', { missing: ['/v1/models'] })
    await assert.rejects(engine.models({ signal: never }))
  })

  it('say what is not known of them', async () => {
    const unsure = async (kind: OpenAiStubKind & OpenAiKind) =>
      (await (await start(kind)).engine.models({ signal: never }))[0]?.unsure
    assert.deepEqual(await unsure('openai'), ['tools', 'structured', 'grammar', 'logprobs', 'raw', 'infill'])
    assert.deepEqual(await unsure('vllm'), ['tools'])
    assert.deepEqual(await unsure('llama-server'), ['infill'])
    const seeing = modelOf('openai', 'llava-7b').model
    assert.deepEqual(
      [seeing.capabilities.vision, seeing.unsure],
      [true, ['tools', 'structured', 'vision', 'grammar', 'logprobs', 'raw', 'infill']],
    )
  })

  it('are not passed off for another: the first piece tells whose answer it is', async () => {
    const { stub, engine } = await start('llama-server', { models: ['other'] })
    stub.knobs = { ...stub.knobs, models: ['tiny'] }
    await engine.models({ signal: never })
    stub.knobs = { ...stub.knobs, models: ['other'] } // started anew, unseen
    const heard: QueryEvent[] = []
    const asked = async () => {
      for await (const event of engine.run(chatQuery(), { signal: never })) heard.push(event)
    }
    await assert.rejects(asked(), { code: 'MODEL_NOT_FOUND', retryable: true, message: /answers with other/ })
    assert.equal(textOf(heard), '')
  })

  it('lose for good what the engine refused, until it is started anew', async () => {
    const { stub, engine } = await start('vllm', { refusesTools: 1 })
    const tools = [{ name: 'weather' }]
    const canCall = async () => (await engine.models({ signal: never }))[0]?.capabilities.tools
    assert.equal(await canCall(), true)
    await assert.rejects(ask(engine, 'tiny', { tools }), { code: 'CAPABILITY_MISSING', retryable: false })
    assert.equal(await canCall(), false)
    assert.ok(textOf(await ask(engine, 'tiny')).length > 0)
    const port = Number(new URL(stub.url).port)
    await stub.stop()
    await assert.rejects(engine.probe({ signal: never }))
    const again = await startStub('vllm', {}, port)
    open.push({ close: () => again.stop() })
    assert.equal(await canCall(), true)
  })

  it('make embeddings where the server was started for them, whatever their names say', async () => {
    const types = async (models: readonly string[]) =>
      (await (await start('llama-server', { models })).engine.models({ signal: never })).map((each) => each.types)
    assert.deepEqual(await types(['nomic-embed-text']), [['embed', 'tokens']])
    const both = [
      ['chat', 'vision', 'embed', 'tokens'],
      ['embed', 'tokens'],
    ]
    assert.deepEqual(await types(['tiny', 'embedder']), both)
    assert.deepEqual(await types(['tiny']), [['chat', 'vision', 'tokens']])
  })
})
