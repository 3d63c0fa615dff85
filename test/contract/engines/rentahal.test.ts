import assert from 'node:assert/strict'
import { RentAHalEngine } from '../../../engines/rentahal/rentahal.ts'
import { collect, textOf } from '../../support/collect.ts'
import { rentAHalStub } from '../../support/engines/rentahal-stub.ts'
import { stubPng } from '../../support/engines/stub-image.ts'
import { chatQuery } from '../../support/query.ts'
import { engineContract } from './engine-contract.ts'

for (const slash of [true, false]) {
  engineContract({
    name: `rentahal (answers at /predict${slash ? '/' : ''})`,
    stub: (knobs) => rentAHalStub(knobs, { slash }).start(),
    engine: (url) => new RentAHalEngine({ url }),
    model: 'rentahal-worker',
    can: {
      prefill: false,
      tools: false,
      images: false,
      structured: false,
      reasoning: false,
      embed: false,
      load: false,
      usage: false,
      streams: false,
      seed: false,
    },
  })
}

describe('rentahal', () => {
  const never = new AbortController().signal

  it('sends a picture to a worker that sees', async () => {
    const stub = await rentAHalStub().start()
    const engine = new RentAHalEngine({ url: stub.url, vision: true })
    const content = [
      { type: 'text' as const, text: 'what is it?' },
      { type: 'image' as const, mediaType: 'image/png', data: stubPng('a', 1).toString('base64') },
    ]
    const query = chatQuery({
      type: 'vision',
      model: 'rentahal-vision-worker',
      body: { messages: [{ role: 'user', content }] },
    })
    assert.ok(textOf(await collect(engine.run(query, { signal: never }))).length > 0)
    const { body } = await stub.journal.waitFor('start')
    const { image, ...rest } = body as { image: string }
    assert.match(image, /^iVBORw0KGgo/)
    assert.deepEqual(rest, {
      prompt: 'what is it?',
      type: 'vision',
      model_type: 'worker_node',
      model_name: 'rentahal-vision-worker',
    })
    await engine.close()
    await stub.stop()
  })

  it('turns a conversation into lines with their speakers', async () => {
    const stub = await rentAHalStub().start()
    const engine = new RentAHalEngine({ url: stub.url })
    const messages = [
      { role: 'system' as const, content: 'be short' },
      { role: 'user' as const, content: 'hi' },
    ]
    await collect(engine.run(chatQuery({ model: 'rentahal-worker', body: { messages } }), { signal: never }))
    const { body } = await stub.journal.waitFor('start')
    assert.equal((body as { prompt: string }).prompt, 'system: be short\nuser: hi\nassistant:')
    await engine.close()
    await stub.stop()
  })
})
