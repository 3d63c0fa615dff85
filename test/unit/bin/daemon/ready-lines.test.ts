import assert from 'node:assert/strict'
import { readyLines } from '../../../../bin/daemon/ready-lines.ts'
import { FakeNode } from '../../../support/fake-node.ts'

const READY = { peerId: '12D3KooWx', http: 'http://127.0.0.1:5000', p2p: ['/ip4/1.2.3.4/tcp/1'], network: 'main' }

describe('readyLines', () => {
  const lines = readyLines(READY, { ...new FakeNode().status(), workers: [] })

  it('are six: who, where, engines, realms, peers, what next', () => {
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['realmesh', 'programs', 'engines', 'realms', 'peers', 'next'],
    )
    assert.match(lines[1] ?? '', /http:\/\/127\.0\.0\.1:5000\/v1/)
    assert.match(lines[4] ?? '', /\/ip4\/1\.2\.3\.4\/tcp\/1/)
  })

  it('say last what to do without an engine', () => {
    assert.match(lines[5] ?? '', /^next +start Ollama/)
  })

  it('advise no flag, for it may have been given already', () => {
    assert.doesNotMatch(lines[5] ?? '', /--/)
  })
})
