import assert from 'node:assert/strict'
import { FINDING_CODES } from '../../../node/doctor/codes/found.ts'
import { page } from '../../support/markdown.ts'

describe('docs/doctor.md', () => {
  const rows = page('docs/doctor.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))

  it('has a row for every code of the doctor, and no other', () => {
    const written = Object.entries(FINDING_CODES).map(([code, { state, means, ...row }]) => {
      return `| \`${code}\` | ${state} | ${means} | ${'fix' in row ? row.fix : ''} |`
    })
    assert.deepEqual(rows.toSorted(), written.toSorted(), 'fix: npm run generate')
  })

  it('says of everything that is broken what helps', () => {
    const mute = Object.entries(FINDING_CODES).filter(
      ([, row]) => (row.state === 'fail' || row.state === 'warn') && !('fix' in row),
    )
    assert.deepEqual(mute, [])
  })

  it('has rows that no sign of a table breaks', () => {
    for (const row of rows) assert.equal(row.split('|').length, 6, row)
  })
})
