import assert from 'node:assert/strict'
import type { ModelLoad, NodeLoad } from '../../../../core/model/load.ts'
import { MAX_MODEL_NAME_LENGTH } from '../../../../core/model/model-name.ts'
import { decodeLoadState, encodeLoadState, MAX_MODELS_PER_LOAD } from '../../../../protocols/load/load-state.ts'
import { modelLoad } from '../../../support/routing.ts'

function model(name: string, overrides: Partial<ModelLoad> = {}): ModelLoad {
  return modelLoad({ model: name, ...overrides })
}

function load(models: readonly ModelLoad[], overrides: Partial<NodeLoad> = {}): NodeLoad {
  return { seq: 41, at: 1_700_000_000_123, draining: false, models, ...overrides }
}

describe('a statement of load', () => {
  it('says the same on both sides, as far as it fits', () => {
    const said = load([model('tiny', { running: 1, queued: 2, estimatedWaitMs: 30 })], {
      draining: true,
      paused: true,
      total: { slots: 3, running: 1, queued: 2 },
    })
    assert.deepEqual(decodeLoadState(encodeLoadState(said, 500)), said)
  })

  it('writes names in their canonical form', () => {
    const { models } = decodeLoadState(encodeLoadState(load([model(' Llama3:LATEST ')]), 500))
    assert.equal(models[0]?.model, 'llama3')
  })

  it('clamps claims, in both directions', () => {
    const wild = {
      slots: 1e12,
      running: -4,
      queued: Number.NaN,
      estimatedWaitMs: Number.POSITIVE_INFINITY,
      decodeRate: 1e12,
    }
    const { models } = decodeLoadState(encodeLoadState(load([model('m', wild)]), 500))
    const total = { slots: 1e12, running: -4, queued: Number.NaN }
    assert.deepEqual(decodeLoadState(encodeLoadState(load([], { total }), 500)).total, {
      slots: 100_000,
      running: 0,
      queued: 0,
    })
    assert.deepEqual(models, [
      model('m', { slots: 100_000, running: 0, queued: 0, estimatedWaitMs: 3_600_000, decodeRate: 1_000_000 }),
    ])
  })

  it('leaves out names of blanks, and cuts what is too long', () => {
    const { models } = decodeLoadState(encodeLoadState(load([model('  '), model('x'.repeat(900))]), 4_000))
    assert.deepEqual(
      models.map(({ model: name }) => name.length),
      [MAX_MODEL_NAME_LENGTH],
    )
  })

  it('cuts alike on every node where two models matter as much', () => {
    const some = ['b', 'a', 'd', 'c'].map((name) => model(name))
    const room = encodeLoadState(load(some.slice(0, 2)), 4_000).byteLength
    for (const order of [some, some.toReversed()]) {
      const { models } = decodeLoadState(encodeLoadState(load(order), room))
      assert.deepEqual(
        models.map(({ model: name }) => name),
        ['a', 'b'],
      )
    }
  })

  it('without models must fit, or there is a mistake in this node', () => {
    assert.throws(() => encodeLoadState(load([]), 3), { code: 'INTERNAL' })
  })

  it('of a stranger is refused when it is garbage, has no name or too many models', () => {
    const many = Array.from({ length: MAX_MODELS_PER_LOAD }, (_, i) => model(`m${i}`))
    const full = encodeLoadState(load(many), 1e6)
    assert.equal(decodeLoadState(full).models.length, MAX_MODELS_PER_LOAD)
    // Two messages behind each other are one with the models of both.
    const twice = Buffer.concat([full, full])
    const nameless = Buffer.from([0x22, 0x02, 0x10, 0x01])
    for (const bytes of [twice, nameless, Buffer.from('garbage'), Buffer.from([0x08, 0xff])]) {
      assert.throws(() => decodeLoadState(bytes), { code: 'PROTOCOL_ERROR' })
    }
  })
})
