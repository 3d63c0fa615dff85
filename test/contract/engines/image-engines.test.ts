import assert from 'node:assert/strict'
import type { ImagineBody, ImagineQuery } from '../../../core/query/query.ts'
import { Automatic1111Engine } from '../../../engines/images/automatic1111.ts'
import { ComfyUiEngine } from '../../../engines/images/comfyui.ts'
import { TXT2IMG_WORKFLOW } from '../../../engines/images/comfyui-workflow.ts'
import { SdCppEngine } from '../../../engines/images/sdcpp.ts'
import { collect } from '../../support/collect.ts'
import { automatic1111Stub } from '../../support/engines/automatic1111-stub.ts'
import { comfyUiStub } from '../../support/engines/comfyui-stub.ts'
import { sdCppStub } from '../../support/engines/sdcpp-stub.ts'
import { stubPng } from '../../support/engines/stub-image.ts'
import { chatQuery } from '../../support/query.ts'
import { imageEngineContract } from './image-engine-contract.ts'

/** Looks come fast, so that no test waits for them. */
const pollMs = 2

const A1111_EDITS = {
  path: '/sdapi/v1/img2img',
  image: 'init_images',
  mask: 'mask',
  strength: 'denoising_strength',
}
const SDCPP_EDITS = {
  path: '/sdcpp/v1/img_gen',
  image: 'init_image',
  mask: 'mask_image',
  strength: 'strength',
  references: 'ref_images',
}

imageEngineContract({
  name: 'automatic1111',
  stub: (knobs) => automatic1111Stub(knobs).start(),
  engine: (url) => new Automatic1111Engine({ url, pollMs }),
  can: { interrupt: true, preview: true, fractions: true, load: true, edits: A1111_EDITS },
})

imageEngineContract({
  name: 'automatic1111 without names of jobs',
  stub: (knobs) => automatic1111Stub(knobs, { named: false }).start(),
  engine: (url) => new Automatic1111Engine({ url, pollMs }),
  can: { interrupt: true, preview: false, fractions: true, load: true, edits: A1111_EDITS },
})

imageEngineContract({
  name: 'comfyui',
  stub: (knobs) => comfyUiStub(knobs).start(),
  engine: (url) => new ComfyUiEngine({ url }),
  can: { interrupt: true, preview: true, fractions: true, load: true, edits: 'graph' },
})

imageEngineContract({
  name: 'sd-cpp',
  stub: (knobs) => sdCppStub(knobs).start(),
  engine: (url) => new SdCppEngine({ url, pollMs }),
  can: { interrupt: false, preview: false, fractions: false, load: false, edits: SDCPP_EDITS },
})

describe('comfyui, with a picture to begin with', () => {
  const signal = new AbortController().signal
  type Graph = Record<string, { class_type: string; inputs: Record<string, unknown> }>

  /** The graph that is run for the body, and what was uploaded before it. */
  async function run(body: Partial<ImagineBody>, workflow?: object) {
    const stub = await comfyUiStub({ tokens: 2 }).start()
    const engine = new ComfyUiEngine({ url: stub.url, ...(workflow && { workflow: { ...workflow } }) })
    try {
      const [model] = await engine.models({ signal })
      const query: ImagineQuery = { ...chatQuery({ model: 'tiny' }), type: 'imagine', body: { prompt: 'a', ...body } }
      const events = await collect(engine.run(query, { signal }))
      const uploads = stub.journal.entries.filter(({ event }) => event === 'upload').map(({ path }) => path)
      const started = stub.journal.entries.find(({ event }) => event === 'start')
      const graph = (started?.body as { prompt: Graph } | undefined)?.prompt ?? assert.fail('nothing was run')
      return { model, graph, uploads, drawn: events.filter(({ kind }) => kind === 'image').length }
    } finally {
      await engine.close()
      await stub.stop()
    }
  }
  const image = { mediaType: 'image/png', data: stubPng('a', 1) }
  const mask = { mediaType: 'image/png', data: stubPng('b', 2) }

  it('uploads it under a name of its bytes, and draws on its latent', async () => {
    const { model, graph, uploads, drawn } = await run({ image, strength: 0.4, count: 2 })
    assert.equal(model?.capabilities.edits, true)
    assert.equal(drawn, 2)
    assert.match(String(uploads[0]), /^realmesh-[0-9a-f]{32}\.png \[temp\]$/)
    assert.deepEqual([uploads.length, graph['picture']?.inputs['image']], [1, uploads[0]])
    const { denoise, latent_image: latent } = graph['sampler']?.inputs ?? {}
    assert.deepEqual([denoise, latent], [0.4, ['canvas', 0]])
    assert.deepEqual(graph['canvas']?.inputs, { samples: ['latent', 0], amount: 2 })
    const { width, height } = graph['scaled']?.inputs ?? {}
    assert.deepEqual([Number(width) % 8, Number(height) % 8], [0, 0])
    assert.equal(JSON.stringify(graph).includes('%'), false)
  })

  it('draws anew where the mask is transparent', async () => {
    const { graph, uploads } = await run({ image, mask })
    assert.equal(uploads.length, 2)
    assert.deepEqual(graph['hole'], { class_type: 'LoadImageMask', inputs: { image: uploads[1], channel: 'alpha' } })
    assert.deepEqual(graph['masked']?.inputs, { samples: ['latent', 0], mask: ['hole', 0] })
    assert.deepEqual(graph['canvas']?.inputs['samples'], ['masked', 0])
    assert.equal(graph['sampler']?.inputs['denoise'], 0.75)
  })

  it('refuses it where the owner has a graph of their own, which has no place for it', async () => {
    await assert.rejects(run({ image }, TXT2IMG_WORKFLOW), { code: 'CAPABILITY_MISSING' })
    assert.equal((await run({}, TXT2IMG_WORKFLOW)).model?.capabilities.edits, undefined)
  })
})
