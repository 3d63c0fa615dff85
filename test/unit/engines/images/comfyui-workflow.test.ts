import assert from 'node:assert/strict'
import type { ImagineQuery } from '../../../../core/query/query.ts'
import { TXT2IMG_WORKFLOW, workflowFor } from '../../../../engines/images/comfyui-workflow.ts'
import { chatQuery } from '../../../support/query.ts'

describe('workflowFor', () => {
  const query: ImagineQuery = {
    ...chatQuery({ model: 'm.safetensors' }),
    type: 'imagine',
    body: { prompt: 'a "%seed%" cat' },
  }

  it('fills each slot with its type and leaves the template as it is', () => {
    const before = structuredClone(TXT2IMG_WORKFLOW)
    const graph = workflowFor(TXT2IMG_WORKFLOW, query, { seed: 5 }) as Record<
      string,
      { inputs: Record<string, unknown> }
    >
    assert.equal(graph['sampler']?.inputs['seed'], 5)
    assert.equal(graph['canvas']?.inputs['width'], 512)
    assert.equal(graph['checkpoint']?.inputs['ckpt_name'], 'm.safetensors')
    assert.deepEqual(TXT2IMG_WORKFLOW, before)
  })

  it('asks for a file of its own each time, and for nothing else anew: ComfyUI runs only what changed', () => {
    const graphOf = (id: string) =>
      workflowFor(TXT2IMG_WORKFLOW, { ...query, id }, { seed: 5 }) as Record<string, unknown>
    const [first, again] = [graphOf('q-1/../x'), graphOf('q-2')]
    assert.deepEqual(
      Object.keys(first).filter((node) => JSON.stringify(first[node]) !== JSON.stringify(again[node])),
      ['save'],
    )
    assert.match(JSON.stringify(first['save']), /"realmesh_q-1x"/)
  })

  it('reads nothing in a prompt as a slot', () => {
    const graph = workflowFor({ n: { inputs: { text: 'best, %prompt%, sharp' } } }, query, { seed: 5 })
    assert.deepEqual(graph, { n: { inputs: { text: 'best, a "%seed%" cat, sharp' } } })
  })

  it('refuses a slot that nothing fills', () => {
    assert.throws(() => workflowFor({ n: '%constructor%' }, query, { seed: 5 }), { code: 'CONFIG_INVALID' })
  })
})
