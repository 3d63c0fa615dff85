import assert from 'node:assert/strict'
import { AnthropicEngine } from '../../../engines/anthropic/anthropic.ts'
import { anthropicStub, STUB_KEY } from '../../support/engines/anthropic-stub.ts'
import { engineContract } from './engine-contract.ts'

engineContract({
  name: 'anthropic',
  stub: (knobs) => anthropicStub(knobs).start(),
  engine: (url) => new AnthropicEngine({ url, apiKey: STUB_KEY }),
  model: 'claude-tiny',
  can: {
    prefill: false,
    tools: true,
    images: true,
    structured: false,
    reasoning: true,
    embed: false,
    load: false,
    usage: true,
    streams: true,
    seed: false,
  },
})

describe('anthropic', () => {
  it('is off without a key', () => {
    assert.throws(() => new AnthropicEngine({ url: '', apiKey: '' }), { code: 'CONFIG_INVALID' })
  })

  it('says that a key is wrong without showing it', async () => {
    const stub = await anthropicStub().start()
    const engine = new AnthropicEngine({ url: stub.url, apiKey: 'sk-secret-of-mine' })
    await assert.rejects(engine.probe({ signal: new AbortController().signal }), (error: Error) => {
      assert.equal('code' in error && error.code, 'ENGINE_FAILED')
      assert.doesNotMatch(JSON.stringify(error) + error.stack, /sk-secret/)
      return true
    })
    await engine.close()
    await stub.stop()
  })
})
