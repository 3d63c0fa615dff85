import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_INVITED_ADDRESSES } from '../../../../protocols/invite/constants.ts'
import { type Invitation, invitationText, readInvitation } from '../../../../protocols/invite/invitation-text.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

const INVITATION: Invitation = {
  network: 'main',
  kind: 'home',
  peer: PEER,
  addresses: ['/ip4/192.168.1.10/tcp/4501', '/ip6/2001:db8::1/tcp/4501'],
  secret: Uint8Array.from({ length: 16 }, (_, i) => i),
  expiresMs: 1_800_000_000_000,
  name: 'desk',
}

describe('an invitation as text', () => {
  it('says what it was made from, and is one line without blanks', () => {
    const text = invitationText(INVITATION)
    assert.match(text, /^realmesh:[A-Za-z0-9_-]+$/)
    assert.deepEqual(readInvitation(`  ${text}\n`), INVITATION)
  })

  it('holds the key of a private swarm, whole or not at all', () => {
    const swarmKey = new Uint8Array(32).fill(7)
    assert.deepEqual(readInvitation(invitationText({ ...INVITATION, swarmKey })), { ...INVITATION, swarmKey })
    const cut = invitationText({ ...INVITATION, swarmKey: swarmKey.subarray(1) })
    assert.throws(() => readInvitation(cut), { code: 'INVITATION_INVALID' })
  })

  it('is short enough for a QR code that a telephone reads', () => {
    assert.ok(invitationText(INVITATION).length < 250, invitationText(INVITATION))
  })

  it('names its peer once: addresses come without it, and come back without it', () => {
    const addresses = INVITATION.addresses.map((address) => `${address}/p2p/${PEER}`)
    assert.deepEqual(readInvitation(invitationText({ ...INVITATION, addresses })).addresses, INVITATION.addresses)
  })

  it('holds the first few of many addresses', () => {
    const addresses = Array.from({ length: 20 }, (_, i) => `/ip4/10.0.0.${i}/tcp/4501`)
    const { addresses: told } = readInvitation(invitationText({ ...INVITATION, addresses }))
    assert.deepEqual(told, addresses.slice(0, MAX_INVITED_ADDRESSES))
  })

  it('is refused with a fix when it is cut, mistyped, padded with something else, or none', () => {
    const text = invitationText(INVITATION)
    const swapped = `${text.slice(0, 30)}${text[30] === 'A' ? 'B' : 'A'}${text.slice(31)}`
    for (const wrong of [
      text.slice(0, -1),
      text.slice(1),
      swapped,
      `${text}AAAA`,
      `${text}x`,
      'hello',
      '',
      'realmesh:',
      `${text}${text}`,
    ]) {
      assert.throws(() => readInvitation(wrong), { code: 'INVITATION_INVALID', fix: /realmesh:/ }, wrong)
    }
    assert.throws(() => readInvitation(`realmesh:${'A'.repeat(10_000)}`), {
      code: 'INVITATION_INVALID',
      message: /long/,
    })
  })

  it('carries no control characters in what people read', () => {
    assert.equal(readInvitation(invitationText({ ...INVITATION, name: 'a\u001b[2Jb\n' })).name, 'a [2Jb')
  })

  it('never throws anything but its own error, whatever is pasted', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => `realmesh:${Buffer.from(bytes).toString('base64url')}`),
    )
    fc.assert(
      fc.property(anything, (text) => {
        assert.throws(() => readInvitation(text), { code: 'INVITATION_INVALID' })
      }),
    )
  })
})
