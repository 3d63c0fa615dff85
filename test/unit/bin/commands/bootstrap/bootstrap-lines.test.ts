import assert from 'node:assert/strict'
import { bootstrapLines, bootstrapList } from '../../../../../bin/commands/bootstrap/bootstrap-lines.ts'
import { FakeNode } from '../../../../support/fake-node.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const OPEN = `/ip4/8.8.8.8/tcp/4501/p2p/${PEER}`
const LAN = `/ip4/192.168.1.10/tcp/4501/p2p/${PEER}`
const LOOPBACK = `/ip4/127.0.0.1/tcp/4501/p2p/${PEER}`
const RELAYED = `/ip4/8.8.4.4/tcp/4501/p2p/${PEER}/p2p-circuit/p2p/${PEER}`

describe('what a bootstrap node says', () => {
  const ready = (p2p: readonly string[]) => ({ peerId: PEER, http: 'http://127.0.0.1:5000', p2p, network: 'main' })
  const text = (p2p: readonly string[]): string => bootstrapLines(ready(p2p), new FakeNode().status(), 80).join('\n')

  it('is the text of other people’s bootstrap.json, with the addresses that anybody can dial', () => {
    const said = text([LAN, OPEN, LOOPBACK, RELAYED])
    assert.deepEqual(bootstrapList(ready([LAN, OPEN, RELAYED])), { list: { networks: { main: [OPEN] } }, public: true })
    assert.ok(said.split('\n').includes(JSON.stringify({ networks: { main: [OPEN] } })))
    assert.doesNotMatch(said, /private/)
    assert.match(said, /open TCP 4501 in the firewall/)
  })

  it('is plain where all its addresses are private: who reaches it, and what to do', () => {
    const said = text([LOOPBACK, LAN])
    assert.match(said, /all its addresses are private: only nodes of the same local\s+network/)
    assert.ok(said.split('\n').includes(JSON.stringify({ networks: { main: [LAN] } })))
    assert.equal(bootstrapList(ready([LAN])).public, false)
  })

  it('is that it listens nowhere, where it does not', () => {
    assert.match(text([]), /listens nowhere: give --listen/)
  })
})
