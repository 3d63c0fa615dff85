import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Friends } from '../../../../node/invite/friends.ts'
import { type WelcomingComponents, welcomed } from '../../../../node/invite/welcoming.ts'

describe('the welcome of an invited node', () => {
  let done: string[]

  /** `proves`: the federation that its card proves. */
  async function components(proves: string | undefined): Promise<WelcomingComponents> {
    done = []
    return {
      membership: { id: 'ours', label: 'our rigs', key: await generateKeyPair('Ed25519') },
      friends: new Friends({
        known: () => ['known'],
        befriend: async ({ federation }) => done.push(`befriended ${federation}`),
        federationOf: async () => proves,
      }),
      name: () => 'desk',
      lookAt: async (peer) => done.push(`looked at ${peer}`),
    }
  }

  it('into the home hands over the key, and looks at the card of who came', async () => {
    const welcome = await welcomed('home', 'p', await components(undefined))
    assert.ok(welcome.kind === 'home' && welcome.federationKey.byteLength > 0)
    assert.deepEqual(done, ['looked at p'])
  })

  it('into friendship befriends the federation that the card proves, once, and hands over no key', async () => {
    const welcome = await welcomed('friend', 'p', await components('theirs'))
    assert.deepEqual(welcome, { kind: 'friend', name: 'desk', federationLabel: 'our rigs', federation: 'ours' })
    assert.deepEqual(done, ['looked at p', 'befriended theirs'])
    await welcomed('friend', 'p', await components('known'))
    assert.deepEqual(done, ['looked at p'])
  })

  it('into friendship is refused to a node that proves no federation', async () => {
    await assert.rejects(welcomed('friend', 'p', await components(undefined)), { code: 'INVITATION_REFUSED' })
    assert.deepEqual(done, ['looked at p'])
  })
})
