import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { HttpClient } from '../../../../engines/http/http-client.ts'
import { LIST_MODELS } from '../../../../engines/openai/openai-models.ts'
import { capturedJson } from '../../../support/captured-wire.ts'

const { signal } = new AbortController()

/** An engine whose every page is `reply`. */
function replying(reply: unknown): HttpClient {
  return { engine: 'openai', json: async () => reply } as unknown as HttpClient
}

/** An engine with these pages and no others. */
function paged(pages: Readonly<Record<string, unknown>>): HttpClient {
  const page = async ({ path }: { path: string }): Promise<unknown> => {
    if (pages[path] === undefined) throw new Error('no such page')
    return pages[path]
  }
  return { engine: 'llama-server', json: page, bytes: page } as unknown as HttpClient
}

describe('the models of an OpenAI-compatible engine', () => {
  it('are those that it lists', async () => {
    const models = await LIST_MODELS.openai(replying({ data: [{ id: 'tiny' }] }), signal)
    assert.deepEqual(
      models.map(({ id, model }) => [id, model.name]),
      [['tiny', 'tiny']],
    )
  })

  it('of llama-server have for receipts what it tells, and no path of its owner', async () => {
    const props = capturedJson('llama-server-props.json')
    const http = paged({ '/v1/models': capturedJson('llama-server-models.json'), '/props': props })
    const [found] = await LIST_MODELS['llama-server'](http, signal)
    const model = found?.model
    assert.equal(model?.name, 'smollm2-135m')
    assert.equal(model?.quantization, 'Q4_1')
    assert.equal(model?.template, createHash('sha256').update(String(props['chat_template'])).digest('hex'))
    assert.match(model?.digest ?? '', /^meta:[0-9a-f]{32}$/)
    assert.deepEqual([model?.defaults?.['temperature'], model?.defaults?.['repeat_penalty']], [0.8, 1])
    assert.doesNotMatch(JSON.stringify(model), /models\//)
    const [again] = await LIST_MODELS['llama-server'](http, signal)
    assert.equal(again?.model.digest, model?.digest)
    const [without] = await LIST_MODELS['llama-server'](paged({ '/v1/models': { data: [{ id: 'x' }] } }), signal)
    const { digest, template, defaults } = without?.model ?? {}
    assert.deepEqual([digest, template, defaults], [undefined, undefined, undefined])
  })

  it('of vLLM have what it loaded where that has another name, without the folder', async () => {
    const list = { data: ['/home/me/models/smol', 'org/name-AWQ', 'tiny'].map((root) => ({ id: 'tiny', root })) }
    const models = await LIST_MODELS.vllm(replying(list), signal)
    assert.deepEqual(
      models.map(({ model }) => model.digest),
      ['root:smol', 'root:org/name-AWQ', undefined],
    )
  })

  it('are none of a gateway of realmesh, which would send queries in a circle', async () => {
    const gateway = replying({ data: [{ id: 'tiny', realmesh: { nodes: ['12D3KooW'], local: true } }] })
    await assert.rejects(LIST_MODELS.openai(gateway, signal), { code: 'CONFIG_INVALID', message: /gateway/ })
  })
})
