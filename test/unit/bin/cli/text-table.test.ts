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
})
