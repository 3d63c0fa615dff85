import assert from 'node:assert/strict'
import { cleanLines, cleanText } from '../../../core/clean-text.ts'

describe('cleanText', () => {
  const cases: Record<string, [text: string, cleaned: string]> = {
    'leaves plain text alone': ['Größe 7 🦙', 'Größe 7 🦙'],
    'makes one line of several': ['a\r\nb\tc', 'a b c'],
    'takes out what steers terminals': ['\u001b[2Jx\u009b1m\u0000', '[2Jx 1m'],
    'takes out what turns the direction of writing': ['safe\u202eexe.txt\u2066', 'safe exe.txt'],
    'cuts to the length': ['x'.repeat(99), 'x'.repeat(20)],
  }
  for (const [what, [text, cleaned]] of Object.entries(cases)) {
    it(what, () => {
      assert.equal(cleanText(text, 20), cleaned)
    })
  }
})

describe('cleanLines', () => {
  it('keeps lines, tabs and every script, and takes out what steers terminals', () => {
    assert.equal(cleanLines('a\tb\r\n\u001b[2Jשלום\u200f\u0000'), 'a\tb\n[2Jשלום\u200f')
  })
})
