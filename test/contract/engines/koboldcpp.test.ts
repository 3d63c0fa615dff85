import assert from 'node:assert/strict'
import { OpenAiEngine } from '../../../engines/openai/openai-compatible.ts'
import { collect } from '../../support/collect.ts'
import { startStub } from '../../support/engines/stub-kinds.ts'
import { chatQuery } from '../../support/query.ts'

function genKeyOf(body: unknown): string {
  return (body as { genkey: string }).genkey
}

describe('koboldcpp', () => {
  it('is told to abort a cancelled answer by the key of that answer, and nothing after a whole one', async () => {
    const stub = await startStub('koboldcpp', { pauseAfter: 2 })
    const engine = new OpenAiEngine({ kind: 'koboldcpp', url: stub.url })
    const query = chatQuery({ id: 'q-1/x', body: { messages: [{ role: 'user', content: 'hi' }] } })
    for await (const event of engine.run(query, { signal: new AbortController().signal }))
      if (event.kind === 'text') break
    const { body } = await stub.journal.waitFor('interrupt')
    const start = await stub.journal.waitFor('start')
    assert.deepEqual(body, { genkey: genKeyOf(start.body) })
    stub.knobs = { ...stub.knobs, pauseAfter: -1 }
    await collect(engine.run(query, { signal: new AbortController().signal }))
    assert.equal(stub.journal.count('interrupt'), 1)
    // Else a peer that gives its query the id of another could end that one.
    const keys = stub.journal.entries.filter(({ event }) => event === 'start').map(({ body }) => genKeyOf(body))
    assert.equal(new Set(keys).size, 2, 'two answers under one id have keys of their own')
    await engine.close()
    await stub.stop()
  })
})
