import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  MAX_KEPT_TEXT,
  openedTexts,
  queryRecord,
  queryRow,
  standInline,
  storedTexts,
} from '../../../../storage/rows/query-row.ts'
import { textCipher } from '../../../../storage/store/encryption.ts'
import { finishedQuery } from '../../../support/user-data.ts'

describe('the row of a query', () => {
  it('holds what was reported, and gives it back without what only the store is concerned with', () => {
    const query = finishedQuery('q', { idChosen: true, peer: 'p', worker: 'w' })
    const { idChosen: _, ...reported } = query
    const stored = JSON.parse(JSON.stringify(queryRow(query, true, { prompt: 'hi' })))
    assert.deepEqual(queryRecord(stored), { ...reported, kept: true })
  })

  it('takes texts up to a length that a page of rows can carry', () => {
    assert.equal(standInline({ prompt: 'x'.repeat(8_000), answer: 'y'.repeat(192) }), true)
    assert.equal(standInline({ prompt: 'x'.repeat(8_000), answer: 'y'.repeat(193) }), false)
    assert.equal(standInline({}), true)
  })

  it('cuts a text that is longer than any context window, and says so', () => {
    const stored = storedTexts({ answer: 'x'.repeat(MAX_KEPT_TEXT + 1) }, undefined, 'place')
    const { answer } = openedTexts(stored, undefined, 'place')
    assert.equal(answer, `${'x'.repeat(MAX_KEPT_TEXT)}\n[cut]`)
  })

  it('opens sealed texts in their own place only', () => {
    const cipher = textCipher(randomBytes(32))
    const stored = storedTexts({ prompt: 'hi', answer: 'there' }, cipher, 'place')
    assert.ok(!JSON.stringify(stored).includes('there'))
    assert.deepEqual(openedTexts(stored, cipher, 'place'), { prompt: 'hi', answer: 'there' })
    assert.throws(() => openedTexts(stored, cipher, 'another'), { code: 'STORAGE_DAMAGED' })
    assert.throws(() => openedTexts(stored, undefined, 'place'), { code: 'KEY_FILE_BAD' })
  })
})
