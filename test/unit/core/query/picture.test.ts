import assert from 'node:assert/strict'
import { askedText, contentBytes } from '../../../../core/query/chat-text.ts'
import { pictureBytes } from '../../../../core/query/picture.ts'
import type { ImagineQuery } from '../../../../core/query/query.ts'
import { imageModel } from '../../../../engines/images/imagine-query.ts'
import { misfit, needsOf } from '../../../../workers/pool/query-needs.ts'
import { chatQuery } from '../../../support/query.ts'

describe('a drawing that begins with a picture', () => {
  const image = { mediaType: 'image/png', data: new Uint8Array(1_000) }
  const mask = { mediaType: 'image/png', data: new Uint8Array(50) }
  const query: ImagineQuery = { ...chatQuery(), type: 'imagine', body: { prompt: 'a hat', image, mask } }

  it('counts the picture and the mask in its size', () => {
    assert.equal(pictureBytes(query.body), 1_050)
    assert.equal(contentBytes(query.body), 1_055)
    assert.equal(contentBytes({ prompt: 'a hat' }), 5)
  })

  it('fits only a model that looks at further ones, where it brings such', () => {
    const more = needsOf({ ...query, body: { ...query.body, references: [image] } })
    assert.equal(pictureBytes({ image, mask, references: [image, mask] }), 2_100)
    assert.equal(misfit(imageModel('able', { edits: true, references: true }), more), undefined)
    assert.match(misfit(imageModel('one', { edits: true }), more)?.message ?? '', /looks at no others/)
  })

  it('is written down as its prompt alone', () => {
    assert.equal(askedText(query), 'a hat')
  })

  it('fits only a model that says that it can', () => {
    const needs = needsOf(query)
    assert.equal(misfit(imageModel('able', { edits: true }), needs), undefined)
    assert.match(misfit(imageModel('plain'), needs)?.message ?? '', /plain draws from a prompt alone/)
    assert.equal(misfit(imageModel('plain'), needsOf({ ...query, body: { prompt: 'a hat' } })), undefined)
  })
})
