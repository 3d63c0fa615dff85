import assert from 'node:assert/strict'
import { type Friend, judgeStanding } from '../../../../discovery/peers/standing.ts'
import { testCard } from '../../../support/cards.ts'

const NOW = 1_000_000

function member(publicKey: string, notAfter = NOW + 500) {
  return testCard('peer', { federation: { publicKey, label: 'ours', notAfter, certificate: new Uint8Array() } })
}

function judge(card: ReturnType<typeof testCard>, ...friends: readonly Friend[]) {
  return judgeStanding(card, { federation: 'own', friends }, NOW)
}

describe('standing', () => {
  it('is home with a certificate of the own federation, as long as that holds', () => {
    assert.deepEqual(judge(member('own')), { relation: 'home', until: NOW + 500 })
    assert.equal(judge(member('own', NOW)).relation, 'stranger')
  })

  it('is stranger for another federation that has our label, and for a card without certificate', () => {
    assert.equal(judge(member('other')).relation, 'stranger')
    assert.equal(judge(testCard('peer', { label: 'ours' })).relation, 'stranger')
  })

  it('is friend when the peer is listed, and ends when the owner said', () => {
    assert.deepEqual(judge(testCard('peer'), { peer: 'peer' }), { relation: 'friend', until: Number.POSITIVE_INFINITY })
    assert.deepEqual(judge(testCard('peer'), { peer: 'peer', untilMs: NOW + 9 }), {
      relation: 'friend',
      until: NOW + 9,
    })
    assert.equal(judge(testCard('peer'), { peer: 'peer', untilMs: NOW }).relation, 'stranger')
    assert.equal(judge(testCard('peer'), { peer: 'somebody else' }).relation, 'stranger')
  })

  it('is friend when the federation is listed, no longer than its certificate', () => {
    assert.deepEqual(judge(member('other'), { federation: 'other' }), { relation: 'friend', until: NOW + 500 })
    assert.deepEqual(judge(member('other'), { federation: 'other', untilMs: NOW + 9 }).until, NOW + 9)
    assert.equal(judge(member('other', NOW), { federation: 'other' }).relation, 'stranger')
  })

  it('goes by the longest of several friendships, and home stands above them', () => {
    const friends = [
      { peer: 'peer', untilMs: NOW + 9 },
      { federation: 'own' },
      { federation: 'other', untilMs: NOW + 90 },
    ]
    assert.equal(judge(member('other'), ...friends).until, NOW + 90)
    assert.equal(judge(member('own'), ...friends).relation, 'home')
  })

  it('takes an entry that names nobody for nobody', () => {
    assert.equal(judge(testCard('peer'), { peer: undefined, federation: undefined }).relation, 'stranger')
  })
})
