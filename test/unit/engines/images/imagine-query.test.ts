import assert from 'node:assert/strict'
import type { ImagineBody, ImagineQuery } from '../../../../core/query/query.ts'
import { imagineQuery, seedOf } from '../../../../engines/images/imagine-query.ts'
import { chatQuery } from '../../../support/query.ts'

const imagine = (body: Partial<ImagineBody> = {}): ImagineQuery => ({
  ...chatQuery(),
  type: 'imagine',
  body: { prompt: 'a rig', ...body },
})

describe('imagineQuery', () => {
  it('takes image queries only', () => {
    assert.throws(() => imagineQuery('comfyui', chatQuery()), { code: 'CAPABILITY_MISSING' })
    assert.equal(imagineQuery('comfyui', imagine()).body.prompt, 'a rig')
  })

  for (const count of [0, -1, 1.5, 17, Number.NaN]) {
    it(`refuses to draw ${count} images`, () => {
      assert.throws(() => imagineQuery('comfyui', imagine({ count })), { code: 'BAD_REQUEST', fix: /1 to 16/ })
    })
  }
})

describe('seedOf', () => {
  it('keeps the seed that was asked for, and draws one of 32 bits otherwise', () => {
    assert.equal(seedOf(imagine({ seed: 0 })), 0)
    assert.equal(
      seedOf(imagine(), () => 0.5),
      2 ** 31,
    )
    assert.ok(seedOf(imagine(), () => 0.999_999_999_99) < 2 ** 32)
  })
})
