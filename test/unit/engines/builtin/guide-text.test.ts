import assert from 'node:assert/strict'
import { readableText } from '../../../../engines/builtin/guide-text.ts'

describe('readableText', () => {
  it('joins lines that only the width of the page broke, items of lists too', () => {
    assert.equal(readableText('one\ntwo\n\n- three\n  four\n- five'), 'one two\n\n- three four\n- five')
  })

  it('leaves code and tables as they are', () => {
    const text = '```sh\ncd x\nls\n```\n\n| a |\n| --- |\n| b |'
    assert.equal(readableText(text), text)
    assert.equal(readableText('Run:\n```sh\nls\n```\nthen\nlook'), 'Run:\n```sh\nls\n```\nthen look')
  })

  it('gives the words of links that lead nowhere from outside the page', () => {
    assert.equal(
      readableText('see [the page](../docs/x.md#y), [site](https://a.b)'),
      'see the page, [site](https://a.b)',
    )
  })

  it('leaves out a table of contents', () => {
    assert.equal(readableText('what it is\n\nContents: [A](#a) · [B](#b) ·\n[C](#c)\n\nend'), 'what it is\n\nend')
  })
})
