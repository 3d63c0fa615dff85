import assert from 'node:assert/strict'
import type { Model } from '../../../../core/model/model.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { MAX_MODELS_PER_ENGINE, ModelCatalog } from '../../../../engines/adapter/model-catalog.ts'
import { chatQuery } from '../../../support/query.ts'

const able = (name: string): Model => ({
  name,
  types: ['chat', 'embed'],
  capabilities: { vision: true, tools: true, reasoning: true, structured: true, prefill: true },
})

const withTools = chatQuery({ model: 'm', body: { messages: [], tools: [{ name: 'f' }] } })

describe('ModelCatalog', () => {
  it('knows what was listed last, and no more', () => {
    const catalog = new ModelCatalog()
    catalog.replace([able('a'), able('b')], new Map([['a', '/models/a.gguf']]))
    assert.deepEqual([catalog.get('a')?.name, catalog.idOf('a'), catalog.idOf('b')], ['a', '/models/a.gguf', 'b'])
    catalog.replace([able('b')])
    assert.deepEqual([catalog.get('a'), catalog.idOf('a')], [undefined, 'a'])
  })

  it('is not filled by an endpoint that lists without end', () => {
    const many = Array.from({ length: MAX_MODELS_PER_ENGINE + 5 }, (_, i) => able(`m${i}`))
    assert.equal(new ModelCatalog().replace(many).length, MAX_MODELS_PER_ENGINE)
  })

  it('takes out of the next list what a refusal showed to be missing, until the engine is started anew', () => {
    const catalog = new ModelCatalog()
    catalog.replace([able('m')])
    catalog.learn(withTools, new RealmeshError('CAPABILITY_MISSING', 'm does not support tools'))
    assert.equal(catalog.replace([able('m')])[0]?.capabilities.tools, false)
    assert.equal(catalog.replace([able('m')])[0]?.capabilities.vision, true)
    catalog.forgetLacks()
    assert.equal(catalog.replace([able('m')])[0]?.capabilities.tools, true)
  })

  it('learns nothing from other failures, nor of models that it does not know', () => {
    const catalog = new ModelCatalog()
    catalog.replace([able('m')])
    catalog.learn(withTools, new RealmeshError('ENGINE_FAILED', 'tools broke'))
    catalog.learn({ ...withTools, model: 'other' }, new RealmeshError('CAPABILITY_MISSING', 'no tools'))
    assert.equal(
      catalog.replace([able('m'), able('other')]).every(({ capabilities }) => capabilities.tools),
      true,
    )
  })
})
