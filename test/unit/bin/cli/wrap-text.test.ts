import assert from 'node:assert/strict'
import { wrapLine, wrapText } from '../../../../bin/cli/wrap-text.ts'

describe('wrapText', () => {
  it('breaks at blanks, and keeps a word that is longer than the line whole', () => {
    assert.deepEqual(wrapText('one two three', 7), ['one two', 'three'])
    assert.deepEqual(wrapText('to /ip4/127.0.0.1/tcp/4501 now', 8), ['to', '/ip4/127.0.0.1/tcp/4501', 'now'])
  })

  it('leaves what fits, and what has no end to fit into', () => {
    assert.deepEqual(wrapText('', 3), [''])
    assert.deepEqual(wrapText('as it was', Number.POSITIVE_INFINITY), ['as it was'])
  })
})

describe('wrapLine', () => {
  it('indents what stands below the first line', () => {
    assert.equal(wrapLine('! one two three', 9, 2), '! one two\n  three')
    assert.equal(wrapLine('! one', 9, 2), '! one')
  })
})
