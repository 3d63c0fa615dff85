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

  it('leaves out a model whose name no client could send, and a context that is none', () => {
    const sized = (contextLength: number) => ({ ...able(`m${contextLength}`), contextLength })
    const names = ['', 'a\u001b[2J', ' a', 'x'.repeat(201), 'ok'].map(able)
    const listed = new ModelCatalog().replace([...names, sized(-5), sized(0), sized(4096.7), sized(1e300)])
    assert.deepEqual(
      listed.map(({ contextLength }) => contextLength),
      [undefined, undefined, undefined, 4096, 0xffff_ffff],
    )
    assert.equal(listed[0]?.name, 'ok')
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
