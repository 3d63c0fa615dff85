import assert from 'node:assert/strict'
import { textTable } from '../../../../bin/cli/text-table.ts'

describe('textTable', () => {
  it('aligns columns and leaves no blanks at line ends', () => {
    assert.equal(textTable(['A', 'LONG', ''], [['xyz', '1', '']]), 'A    LONG\nxyz  1\n')
    assert.equal(textTable(['A'], []), '')
  })

  it('does not let a label of a stranger steer the terminal', () => {
    assert.equal(textTable(['A'], [['\u001b[2J']]), 'A\n[2J\n')
  })

  const heads = ['PEER', 'LABEL', 'RTT', 'MODELS']
  const rows = [
    ['…6JvXMmcS', 'federation_aae2bceb', '-', 'one two three'],
    ['…njyUVWRE', 'federation_095389dc', '-', 'four'],
  ]
  const linesOf = (width: number, spare: readonly string[]): readonly string[] =>
    textTable(heads, rows, { width, spare }).trimEnd().split('\n')

  it('goes without spare columns where the terminal is narrow, first without one that says nothing', () => {
    assert.deepEqual(linesOf(46, ['LABEL', 'RTT']), [
      'PEER       LABEL                MODELS',
      '…6JvXMmcS  federation_aae2bceb  one two three',
      '…njyUVWRE  federation_095389dc  four',
    ])
    assert.deepEqual(linesOf(40, ['RTT', 'LABEL']).at(1), '…6JvXMmcS  one two three')
  })

  it('wraps the last column below itself, and is no wider than the terminal', () => {
    assert.deepEqual(linesOf(22, ['RTT', 'LABEL']), [
      'PEER       MODELS',
      '…6JvXMmcS  one two',
      '           three',
      '…njyUVWRE  four',
    ])
  })

  it('leaves a pipe all columns', () => {
    assert.match(textTable(heads, rows, { spare: heads }), /^PEER +LABEL +RTT +MODELS\n/)
  })
})
