import assert from 'node:assert/strict'
import type { ListedModel } from '../../../../node/api/node-api.ts'
import { listedModel } from '../../../support/fake-node.ts'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

interface OpenAiModel {
  readonly id: string
  readonly architecture: object
  readonly status: object
}

/** A model with something else about it. */
function listed(name: string, more: Partial<ListedModel['model']>, loaded: readonly string[] = []): ListedModel {
  const one = listedModel(name)
  return { ...one, loaded, model: { ...one.model, ...more } }
}

describe('the models of OpenAI’s API', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  const get = async (path: string): Promise<unknown> => JSON.parse((await send(started.port, { path })).text)

  it('tell what goes in and comes out, and whether they are in memory, as llama-server does', async () => {
    const { capabilities } = listedModel('x').model
    started.node.listed = [
      listed('talks', {}, ['a-peer']),
      listed('sees', { types: ['chat', 'vision'], capabilities: { ...capabilities, vision: true } }),
      listed('draws', { types: ['imagine'] }),
      listed('embeds', { types: ['embed'] }),
      listed('hears', { types: ['transcribe'] }),
      listed('speaks', { types: ['speak'] }),
    ]
    const { data } = (await get('/v1/models')) as { data: readonly OpenAiModel[] }
    const told = data.map(({ id, architecture, status }) => [id, architecture, status])
    const unloaded = { value: 'unloaded' }
    assert.deepEqual(told, [
      ['talks', { input_modalities: ['text'], output_modalities: ['text'] }, { value: 'loaded' }],
      ['sees', { input_modalities: ['text', 'image'], output_modalities: ['text'] }, unloaded],
      ['draws', { input_modalities: ['text'], output_modalities: ['image'] }, unloaded],
      ['embeds', { input_modalities: ['text'], output_modalities: ['embedding'] }, unloaded],
      ['hears', { input_modalities: ['audio'], output_modalities: ['text'] }, unloaded],
      ['speaks', { input_modalities: ['text'], output_modalities: ['audio'] }, unloaded],
    ])
  })

  it('are found by ids with slashes and colons, written plainly or in percent', async () => {
    const id = 'hf.co/bartowski/Qwen3-8B-GGUF:Q4_K_M'
    started.node.listed = [listed(id, {})]
    for (const path of [id, encodeURIComponent(id), id.replace(':', '%3A')]) {
      assert.equal(((await get(`/v1/models/${path}`)) as OpenAiModel).id, id)
    }
    const { error } = (await get('/v1/models/hf.co/other')) as { error: { code: string } }
    assert.equal(error.code, 'model_not_found')
  })
})
