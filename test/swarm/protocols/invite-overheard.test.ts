import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { invitationId, invitationKey } from '../../../protocols/invite/proofs.ts'
import { redeemInvitation } from '../../../protocols/invite/redeem.ts'
import { InviteServer, type Redeeming } from '../../../protocols/invite/server.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'
import { ListeningRelay } from '../../support/listening-relay.ts'

describe('an invitation that is followed through a machine that listens', () => {
  it('shows it neither the secret nor the key, and what was heard is worth nothing again', async () => {
    const secret = new Uint8Array(randomBytes(16))
    const federationKey = new Uint8Array(randomBytes(68))
    const [inviter, joiner] = [await libp2pNode(), await libp2pNode()]
    const asked: Redeeming[] = []
    const server = new InviteServer(
      {
        libp2p: inviter,
        redeem: async (redeeming) => {
          asked.push(redeeming)
          return {
            key: invitationKey(secret),
            welcome: { kind: 'home', name: 'desk', federationLabel: '', federationKey },
          }
        },
      },
      { network: 'test' },
    )
    await server.start()
    const peer = inviter.peerId.toString()
    const [address] = inviter.getMultiaddrs()
    assert.ok(address !== undefined)
    const relay = await ListeningRelay.between(address)
    try {
      const connection = await joiner.dial(relay.address(peer))
      const invitation = { network: 'test', kind: 'home', peer, addresses: [], secret, expiresMs: 0, name: '' } as const
      const options = { self: joiner.peerId.toString(), name: 'laptop', signal: new AbortController().signal }
      const welcome = await redeemInvitation(connection, invitation, options)
      assert.ok(welcome.kind === 'home')
      assert.deepEqual(welcome.federationKey, federationKey)
      const told = [secret, federationKey, invitationId(secret), invitationKey(secret)]
      for (const bytes of told) assert.equal(relay.heard.indexOf(bytes), -1)
      assert.ok(relay.heard.byteLength > 1_000, 'it did pass by')
      const again = await relay.sayAgain()
      assert.equal(again.indexOf(federationKey), -1)
      assert.equal(asked.length, 1, 'the inviting node was asked once')
    } finally {
      await relay.stop()
      await server.stop()
      await Promise.all([inviter.stop(), joiner.stop()])
    }
  })
})
