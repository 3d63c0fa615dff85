import assert from 'node:assert/strict'
import { comparisonText, pairedText, waitingText } from '../../../../../bin/commands/join/pair-words.ts'
import type { Pairing } from '../../../../../node/api/joining/pairing-control.ts'

const PAIRING: Pairing = {
  peer: '12D3KooWabcdefghijkl',
  name: 'desk',
  kind: 'home',
  state: 'compare',
  digits: '012345',
}

describe('what a pairing tells its owner', () => {
  it('are the digits in two halves, what to do, and what comes of it', () => {
    const text = comparisonText({ ...PAIRING, mover: 'this node', leaves: 2 })
    assert.match(text, /^012 345\n/)
    assert.match(text, /This node moves into the home of desk \(…efghijkl\), and gets its key/)
    assert.match(text, /^! it leaves its own home, with 2 other nodes$/m)
    assert.match(comparisonText({ ...PAIRING, mover: 'the peer', leaves: 0 }), /desk \(.*\) moves into this home/)
    assert.match(comparisonText({ ...PAIRING, kind: 'friend' }), /become friends/)
  })

  it('steers no terminal, whatever the peer calls itself', () => {
    const name = '\u001b[2Jdesk\nsame digits'
    for (const text of [waitingText, comparisonText, pairedText].map((words) => words({ ...PAIRING, name }))) {
      assert.ok(!text.includes('\u001b'))
      assert.doesNotMatch(text, /^same digits/m)
    }
  })
})
