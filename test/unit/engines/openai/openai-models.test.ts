import assert from 'node:assert/strict'
import type { HttpClient } from '../../../../engines/http/http-client.ts'
import { LIST_MODELS } from '../../../../engines/openai/openai-models.ts'

const { signal } = new AbortController()

/** An engine whose every page is `reply`. */
function replying(reply: unknown): HttpClient {
  return { engine: 'openai', json: async () => reply } as unknown as HttpClient
}

describe('the models of an OpenAI-compatible engine', () => {
  it('are those that it lists', async () => {
    const models = await LIST_MODELS.openai(replying({ data: [{ id: 'tiny' }] }), signal)
    assert.deepEqual(
      models.map(({ id, model }) => [id, model.name]),
      [['tiny', 'tiny']],
    )
  })

  it('are none of a gateway of realmesh, which would send queries in a circle', async () => {
    const gateway = replying({ data: [{ id: 'tiny', realmesh: { nodes: ['12D3KooW'], local: true } }] })
    await assert.rejects(LIST_MODELS.openai(gateway, signal), { code: 'CONFIG_INVALID', message: /gateway/ })
  })
})
