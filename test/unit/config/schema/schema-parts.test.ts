import assert from 'node:assert/strict'
import { parseSize } from '../../../../config/schema/schema-parts.ts'

describe('sizes', () => {
  const rows = [
    ['512 MiB', 536_870_912],
    ['2GB', 2 ** 31],
    ['1.5k', 1536],
    ['100', 100],
    [4096, 4096],
    ['', undefined],
    ['-1', undefined],
    [-1, undefined],
    [1.5, undefined],
    ['10 parsecs', undefined],
    ['9999999999 TiB', undefined],
  ] as const
  for (const [text, bytes] of rows) {
    it(`${JSON.stringify(text)} is ${bytes === undefined ? 'none' : bytes}`, () => assert.equal(parseSize(text), bytes))
  }
})
