import assert from 'node:assert/strict'
import { readyLines } from '../../../../bin/daemon/ready-lines.ts'
import { FakeNode } from '../../../support/fake-node.ts'

const READY = { peerId: '12D3KooWx', http: 'http://127.0.0.1:5000', p2p: ['/ip4/1.2.3.4/tcp/1'], network: 'main' }

describe('the last of the ready lines', () => {
  const lines = readyLines(READY, { ...new FakeNode().status(), workers: [] })

  it('is the sixth, and says what to do without an engine', () => {
    assert.equal(lines.length, 6)
    assert.match(lines[5] ?? '', /^next +start Ollama/)
  })

  it('advises no flag, for it may have been given already', () => {
    assert.doesNotMatch(lines[5] ?? '', /--/)
  })
})
