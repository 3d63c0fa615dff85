import assert from 'node:assert/strict'
import { OllamaEngine } from '../../../engines/ollama/ollama.ts'
import { collect } from '../../support/collect.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'
import { engineContract } from './engine-contract.ts'

engineContract({
  name: 'ollama',
  stub: (knobs) => startStub('ollama', knobs),
  engine: (url) => new OllamaEngine({ url }),
  model: 'tiny',
  can: {
    prefill: true,
    tools: true,
    images: true,
    structured: true,
    reasoning: true,
    embed: true,
    load: true,
    usage: true,
    streams: true,
    seed: true,
  },
})

describe('ollama', () => {
  const never = new AbortController().signal
  let stub: StubServer
  let engine: OllamaEngine

  async function start(knobs: Partial<StubKnobs> = {}): Promise<void> {
    stub = await startStub('ollama', knobs)
    engine = new OllamaEngine({ url: stub.url })
  }

  const contextOf = async (): Promise<number | undefined> => (await engine.models({ signal: never }))[0]?.contextLength

  afterEach(async () => {
    await engine.close()
    await stub.stop()
  })

  it('does not continue an answer that the template of the model closes', async () => {
    await start({ models: ['closed'] })
    const [model] = await engine.models({ signal: never })
    assert.equal(model?.capabilities.prefill, false)
    const query = chatQuery({ model: 'closed', body: { messages: [], prefill: 'The ' } })
    await assert.rejects(collect(engine.run(query, { signal: never })), { code: 'CAPABILITY_MISSING' })
    assert.equal(stub.journal.count('start'), 0)
  })

  it('remembers the context that a model was loaded with when it is out of memory again', async () => {
    await start({ models: ['tiny'], contextLength: 8_192 })
    assert.equal(await contextOf(), 4_096)
    await collect(engine.run(chatQuery(), { signal: never }))
    assert.equal(await contextOf(), 8_192)
    stub.unload()
    assert.equal(await contextOf(), 8_192)
  })

  it('has no models when its list is null', async () => {
    await start({ models: [] })
    assert.deepEqual(await engine.models({ signal: never }), [])
  })

  it('does without the page of what is loaded', async () => {
    await start({ missing: ['/api/ps'] })
    assert.equal((await engine.models({ signal: never })).length, 2)
    assert.deepEqual(await engine.load({ signal: never }), {})
  })

  it('calls a conversation in which nobody asked anything the fault of the request', async () => {
    await start()
    const query = chatQuery({ body: { messages: [{ role: 'system', content: 'be brief' }] } })
    await assert.rejects(collect(engine.run(query, { signal: never })), { code: 'BAD_REQUEST' })
  })

  it('is asked neither to cut the prompt nor to forget it', async () => {
    await start()
    await collect(engine.run(chatQuery(), { signal: never }))
    const { body } = await stub.journal.waitFor('start')
    const { truncate, shift } = body as { truncate: unknown; shift: unknown }
    assert.deepEqual([truncate, shift], [false, false])
  })
})
