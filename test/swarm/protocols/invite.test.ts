import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Libp2p } from '@libp2p/interface'
import { pbStream } from '@libp2p/utils'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { inviteProtocol } from '../../../protocols/invite/constants.ts'
import type { Invitation } from '../../../protocols/invite/invitation-text.ts'
import { WireAnswer, WireChallenge, WireJoin } from '../../../protocols/invite/messages.ts'
import { invitationId, invitationKey } from '../../../protocols/invite/proofs.ts'
import { redeemInvitation } from '../../../protocols/invite/redeem.ts'
import { InviteServer, type Redeeming } from '../../../protocols/invite/server.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'

const NETWORK = 'test'
/** Guesses of one attacker over one connection. */
const GUESSES = 200

describe('an invitation over a connection', () => {
  const secret = new Uint8Array(randomBytes(16))
  const key = invitationKey(secret)
  const { signal } = new AbortController()
  let inviter: Libp2p
  let joiner: Libp2p
  let server: InviteServer
  let asked: Redeeming[]

  beforeEach(async () => {
    asked = []
    inviter = await libp2pNode()
    joiner = await libp2pNode()
    server = new InviteServer(
      {
        libp2p: inviter,
        redeem: async (redeeming) => {
          asked.push(redeeming)
          const known = redeeming.id === Buffer.from(invitationId(secret)).toString('hex')
          if (!known || !redeeming.proves(key)) throw new RealmeshError('INVITATION_REFUSED', 'no such invitation')
          const federationKey = Uint8Array.of(1, 2, 3)
          return { key, welcome: { kind: 'home', name: 'desk', federationLabel: 'ours', federationKey } }
        },
      },
      { network: NETWORK },
    )
    await server.start()
  })

  afterEach(async () => {
    await server.stop()
    await Promise.all([inviter.stop(), joiner.stop()])
  })

  const invitation = (overrides: Partial<Invitation> = {}): Invitation => ({
    network: NETWORK,
    kind: 'home',
    peer: inviter.peerId.toString(),
    addresses: [],
    secret,
    expiresMs: 0,
    name: 'desk',
    ...overrides,
  })

  const redeem = async (which: Invitation) =>
    await redeemInvitation(await joiner.dial(inviter.getMultiaddrs()), which, {
      self: joiner.peerId.toString(),
      name: 'laptop',
      signal,
    })

  it('gives what it promises to the node that the connection proved', async () => {
    const welcome = await redeem(invitation())
    assert.deepEqual(welcome, {
      kind: 'home',
      name: 'desk',
      federationLabel: 'ours',
      federationKey: Uint8Array.of(1, 2, 3),
    })
    assert.equal(asked[0]?.peer, joiner.peerId.toString())
    assert.equal(asked[0]?.name, 'laptop')
  })

  it('is refused with the reason of the inviting node', async () => {
    const refused = { code: 'INVITATION_REFUSED', message: 'no such invitation' }
    await assert.rejects(redeem(invitation({ secret: new Uint8Array(16) })), refused)
  })

  it('gives nothing for guesses, however many', async () => {
    const connection = await joiner.dial(inviter.getMultiaddrs())
    for (let i = 0; i < GUESSES; i += 1) {
      const guess = invitation({ secret: new Uint8Array(randomBytes(16)) })
      const attempt = redeemInvitation(connection, guess, { self: joiner.peerId.toString(), name: '', signal })
      await assert.rejects(attempt, { code: 'INVITATION_REFUSED' })
    }
  })

  it('is worth nothing when what one node said is said again by it or by another', async () => {
    const heard = await overheard(joiner)
    for (const thief of [joiner, await libp2pNode()]) {
      const stream = await (await thief.dial(inviter.getMultiaddrs())).newStream(inviteProtocol(NETWORK))
      const messages = pbStream(stream)
      await messages.read(WireChallenge)
      await messages.write(heard, WireJoin)
      const { refusal, welcome } = await messages.read(WireAnswer)
      assert.equal(refusal, 'no such invitation')
      assert.equal(welcome.byteLength, 0)
      if (thief !== joiner) await thief.stop()
    }
  })

  it('is not followed at a node that has the address but not the key of the inviting node', async () => {
    const other = (await libp2pNode()) satisfies Libp2p
    try {
      await assert.rejects(redeem(invitation({ peer: other.peerId.toString() })), { code: 'PROTOCOL_ERROR' })
      assert.equal(asked.length, 0)
    } finally {
      await other.stop()
    }
  })

  it('is not followed where the answer does not prove that it comes from a holder of the secret', async () => {
    await server.stop()
    await inviter.handle(inviteProtocol(NETWORK), async (stream) => {
      const messages = pbStream(stream)
      await messages.write({ nonce: new Uint8Array(32) }, WireChallenge)
      await messages.read(WireJoin)
      await messages.write({ refusal: '', welcome: new Uint8Array(8), proof: new Uint8Array(32) }, WireAnswer)
    })
    await assert.rejects(redeem(invitation()), { code: 'PROTOCOL_ERROR', message: /does not know the invitation/ })
    await server.start().catch(() => {})
  })

  it('tells nothing of what went wrong inside the inviting node', async () => {
    await server.stop()
    server = new InviteServer(
      { libp2p: inviter, redeem: () => Promise.reject(new Error('/home/ann/.local is full')) },
      { network: NETWORK },
    )
    await server.start()
    await assert.rejects(redeem(invitation()), { code: 'INVITATION_REFUSED', message: /could not look/ })
  })

  /** What a node that holds the invitation says to the inviting node, taken from a conversation of its own. */
  async function overheard(node: Libp2p): Promise<WireJoin> {
    const { promise, resolve } = Promise.withResolvers<WireJoin>()
    const trap = await libp2pNode()
    await trap.handle(inviteProtocol(NETWORK), async (stream) => {
      const messages = pbStream(stream)
      await messages.write({ nonce: new Uint8Array(32) }, WireChallenge)
      resolve(await messages.read(WireJoin))
      stream.abort(new Error('heard enough'))
    })
    const connection = await node.dial(trap.getMultiaddrs())
    const fooled = invitation({ peer: trap.peerId.toString() })
    await redeemInvitation(connection, fooled, { self: node.peerId.toString(), name: '', signal }).catch(() => {})
    const heard = await promise
    await trap.stop()
    return heard
  }
})
