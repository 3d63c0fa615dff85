import assert from 'node:assert/strict'
import { guideWord } from '../../../../engines/builtin/guide-index.ts'

describe('words that the guide searches for', () => {
  const cases: readonly (readonly [word: string, searched: string | undefined])[] = [
    ['How', undefined],
    ['the', undefined],
    ['Machines', 'machine'],
    ['Status', 'statu'],
    ['address', 'address'],
    ['GPUs', 'gpu'],
    ['is', undefined],
    ['5000', '5000'],
  ]
  for (const [word, searched] of cases) {
    it(`"${word}" is ${searched === undefined ? 'left out' : `"${searched}"`}`, () => {
      assert.equal(guideWord(word), searched)
    })
  }
})
