import assert from 'node:assert/strict'
import { join } from 'node:path'
import {
  parseBootstrapAddress,
  parseBootstrapList,
  peerOf,
  readBootstrapList,
} from '../../../../discovery/contact/bootstrap-list.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const ADDRESS = `/ip4/192.0.2.7/tcp/4501/p2p/${PEER}`

describe('bootstrap list', () => {
  it('ships with no address at all, because none of ours would answer', async () => {
    assert.deepEqual(await readBootstrapList('main'), [])
  })

  it('gives the addresses of the network that is asked for, and none of another', () => {
    const text = JSON.stringify({ networks: { main: [ADDRESS], lab: [] } })
    assert.deepEqual(
      parseBootstrapList(text, 'main').map((address) => address.toString()),
      [ADDRESS],
    )
    assert.deepEqual(parseBootstrapList(text, 'lab'), [])
    assert.deepEqual(parseBootstrapList(text, 'constructor'), [])
  })

  const WRONG = [
    { text: '{', code: 'CONFIG_INVALID', says: /not JSON/ },
    { text: '[]', code: 'CONFIG_INVALID', says: /top level/ },
    { text: '{"networks":{"main":"x"}}', code: 'CONFIG_INVALID', says: /networks\.main/ },
    { text: '{"networks":{},"peers":[]}', code: 'CONFIG_INVALID', says: /peers/ },
    { text: '{"networks":{"main":["nonsense"]}}', code: 'BAD_MULTIADDR', says: /networks\.main\[0\].*nonsense/ },
    {
      text: '{"networks":{"main":["/ip4/192.0.2.7/tcp/4501/p2p/abc"]}}',
      code: 'BAD_MULTIADDR',
      says: /does not name a peer/,
    },
    { text: '{"networks":{"main":["/ip4/192.0.2.7/tcp/4501"]}}', code: 'BAD_MULTIADDR', says: /does not name a peer/ },
  ]
  for (const { text, code, says } of WRONG) {
    it(`says what is wrong, where, and what to do: ${text}`, () => {
      assert.throws(
        () => parseBootstrapList(text, 'main'),
        (error: Error & { code?: string; fix?: string }) => {
          assert.equal(error.code, code)
          assert.match(error.message, says)
          assert.match(error.message, /^bootstrap\.json: /)
          assert.ok(error.fix !== undefined && !error.fix.includes('\n'))
          return true
        },
      )
    })
  }

  it('names a file that cannot be read', async () => {
    await assert.rejects(readBootstrapList('main', join('no', 'such', 'file.json')), {
      code: 'CONFIG_UNREADABLE',
      message: /file\.json/,
    })
  })

  it('takes the last peer of a relayed address for the peer', () => {
    const relayed = parseBootstrapAddress(
      `${ADDRESS}/p2p-circuit/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo`,
      'x',
    )
    assert.equal(peerOf(relayed)?.toString(), '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo')
  })
})
