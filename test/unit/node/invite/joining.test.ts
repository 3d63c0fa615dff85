import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Connection, Ed25519PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { streamPair } from '@libp2p/utils'
import type { Joined } from '../../../../node/api/joining/invitation-control.ts'
import { joinByInvitation } from '../../../../node/invite/joining.ts'
import { invitationText } from '../../../../protocols/invite/invitation-text.ts'
import { invitationKey } from '../../../../protocols/invite/proofs.ts'
import { InviteServer } from '../../../../protocols/invite/server.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const NETWORK = 'test'

describe('a node that follows an invitation', () => {
  let own: Ed25519PrivateKey
  let offered: Ed25519PrivateKey
  let moved: Ed25519PrivateKey[]
  before(async () => {
    own = await generateKeyPair('Ed25519')
    offered = await generateKeyPair('Ed25519')
  })
  beforeEach(() => {
    moved = []
  })

  /** Follows an invitation of a node that knows its secret, and hands over these bytes. */
  async function follow(federationKey: Uint8Array): Promise<Joined> {
    const secret = new Uint8Array(randomBytes(16))
    const key = invitationKey(secret)
    const clock = new ManualClock()
    const [inviter, joiner] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')].map(
      peerIdFromPrivateKey,
    )
    assert.ok(inviter !== undefined && joiner !== undefined)
    let serve = (_stream: Stream, _connection: Connection): unknown => undefined
    const server = new InviteServer(
      {
        libp2p: {
          peerId: inviter,
          handle: async (_protocol, handler) => {
            serve = handler
          },
          unhandle: async () => {},
        },
        redeem: async () => ({ key, welcome: { kind: 'home', name: 'desk', federationLabel: 'ours', federationKey } }),
        clock,
      },
      { network: NETWORK },
    )
    await server.start()
    const connection = {
      remotePeer: inviter,
      newStream: async () => {
        const [mine, theirs] = await streamPair()
        void serve(theirs, { remotePeer: joiner } as Connection)
        return mine
      },
    } as unknown as Connection
    const text = invitationText({
      ...{ network: NETWORK, kind: 'home', peer: inviter.toString(), addresses: [], secret, name: 'desk' },
      expiresMs: 0,
    })
    try {
      return await joinByInvitation(
        text,
        {
          membership: { id: 'own', key: own, label: 'ours' },
          meet: async () => connection,
          friends: {
            federationOf: async () => undefined,
            add: async () => false,
          },
          moveInto: async (into) => void moved.push(into),
          door: { key: undefined, isFixed: false, settle: async () => {} },
          clock,
        },
        { self: joiner.toString(), network: NETWORK, name: 'laptop' },
        new AbortController().signal,
      )
    } finally {
      await server.stop()
    }
  }

  it('moves into the federation whose key it is given', async () => {
    const { changed } = await follow(privateKeyToProtobuf(offered))
    assert.equal(changed, true)
    assert.deepEqual(
      moved.map((key) => key.equals(offered)),
      [true],
    )
  })

  it('moves nowhere by a key with the public half of another federation, which it could never prove', async () => {
    const mixed = privateKeyToProtobuf(offered)
    mixed.set(own.publicKey.raw, mixed.length - own.publicKey.raw.length)
    await assert.rejects(follow(mixed), { code: 'PROTOCOL_ERROR' })
    assert.deepEqual(moved, [])
  })

  it('moves nowhere by a key of another kind, or by what is none', async () => {
    await assert.rejects(follow(privateKeyToProtobuf(await generateKeyPair('secp256k1'))), { code: 'PROTOCOL_ERROR' })
    await assert.rejects(follow(privateKeyToProtobuf(offered).subarray(0, 40)), { code: 'PROTOCOL_ERROR' })
    await assert.rejects(follow(new Uint8Array()), { code: 'PROTOCOL_ERROR' })
    assert.deepEqual(moved, [])
  })
})
