import assert from 'node:assert/strict'
import { PageFolder } from '../../../../../gateway/rentahal/page/page-folder.ts'

describe('the folder of a page', () => {
  it('must be one', async () => {
    for (const folder of ['/nowhere/at/all', import.meta.filename]) {
      await assert.rejects(PageFolder.open(folder), { code: 'CONFIG_INVALID', fix: /node\.rentahal\.page/ })
    }
  })
})
