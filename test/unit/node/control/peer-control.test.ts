import assert from 'node:assert/strict'
import type { WrittenConfig } from '../../../../config/edit/edits.ts'
import { type ConfigFile, fileSchema } from '../../../../config/schema/file-schema.ts'
import type { PeerStatus } from '../../../../node/api/node-api.ts'
import { peerControl, peerNamed } from '../../../../node/control/peer-control.ts'

const ONE = '12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL'
const OTHER = '12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X'
const ITS_FEDERATION = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

function bench() {
  let values: ConfigFile = fileSchema.parse({})
  const pardoned: string[] = []
  const control = peerControl({
    live: {
      get values() {
        return values
      },
      change: async (edit, _options, assertFits) => {
        assertFits?.(values)
        values = fileSchema.parse(edit(values as WrittenConfig))
        return { lasts: 'written' }
      },
    },
    peers: () =>
      [{ id: ONE } as PeerStatus, { id: OTHER } as PeerStatus].filter(({ id }) => !values.node.blocked.includes(id)),
    federationOf: (peer) => (peer === ONE ? ITS_FEDERATION : undefined),
    pardon: (peer) => void pardoned.push(peer),
  })
  return { control, pardoned, node: () => values.node }
}

describe('peerControl', () => {
  it('blocks by the end of an id, once, and lets in again whom the node itself shut out too', async () => {
    const { control, pardoned, node } = bench()
    await control.block(ONE.slice(-8))
    await control.block(ONE)
    assert.deepEqual(node().blocked, [ONE])
    await control.unblock(`…${ONE.slice(-8)}`)
    assert.deepEqual([node().blocked, pardoned], [[], [ONE]])
  })

  it('finds those that it shut out, or befriended, by the end of their id although they are not here', async () => {
    const { control, node } = bench()
    await control.block(ONE)
    await control.name(ONE.slice(-8), 'attic')
    assert.deepEqual(node().peer_names, { [ONE]: 'attic' })
    const far = ONE.replace('A1b', 'A1c').replace('SAhL', 'SAhM')
    await control.friend({ peer: far })
    await control.unfriend({ peer: far.slice(-8) })
    assert.deepEqual(node().friends, [])
  })

  it('ends a friendship by the name of a node, also where it was made with its federation', async () => {
    const { control, node } = bench()
    await control.friend({ federation: ITS_FEDERATION })
    await control.friend({ federation: OTHER })
    await control.friend({ peer: OTHER })
    await control.unfriend({ peer: ONE })
    assert.deepEqual(
      node().friends.map(({ peer, federation }) => peer ?? federation),
      [OTHER, OTHER],
    )
    await assert.rejects(control.unfriend({ peer: ONE }), { code: 'BAD_REQUEST' })
  })

  it('gives names, by which others are found from then on', async () => {
    const { control, node } = bench()
    await control.name(ONE, 'attic')
    await control.block('attic')
    assert.deepEqual([node().peer_names, node().blocked], [{ [ONE]: 'attic' }, [ONE]])
    await control.name('attic', undefined)
    assert.deepEqual(control.list().names, {})
  })

  it('makes friends, anew with another end, and ends friendships', async () => {
    const { control } = bench()
    await control.friend({ peer: ONE })
    await control.friend({ peer: ONE, until: '2040-01-31' })
    await control.friend({ federation: OTHER })
    assert.deepEqual(control.list().friends, [{ peer: ONE, until: '2040-01-31' }, { federation: OTHER }])
    await control.unfriend({ peer: ONE })
    assert.deepEqual(control.list().friends, [{ federation: OTHER }])
    await assert.rejects(control.unfriend({ peer: ONE }), { code: 'BAD_REQUEST' })
  })
})

describe('the peer that is meant', () => {
  it('is a whole id, known or not, a name, or an end that only one has', () => {
    const names = { [ONE]: 'attic', [OTHER]: 'cellar' }
    assert.equal(peerNamed(OTHER, {}, []), OTHER)
    assert.equal(peerNamed('cellar', names, [ONE, OTHER]), OTHER)
    assert.equal(peerNamed('SAhL', {}, [ONE, OTHER]), ONE)
    for (const wrong of ['garage', 'hL', '', 'SAhM']) {
      assert.throws(() => peerNamed(wrong, names, [ONE, OTHER]), { code: 'BAD_REQUEST', message: /no peer/ })
    }
    assert.throws(() => peerNamed('SAhL', {}, [ONE, ONE.replace('A1b', 'A1c')]), { message: /more than one/ })
  })
})
