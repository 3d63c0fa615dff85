import assert from 'node:assert/strict'
import type { Relation } from '../../../../core/scope.ts'
import { FRIEND_LINES_RULE, FriendNews } from '../../../../node/invite/friend-news.ts'
import { testCard } from '../../../support/cards.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('the news of a friend', () => {
  let told: string[]
  let news: FriendNews
  beforeEach(() => {
    told = []
    news = new FriendNews({ clock: new ManualClock(), tell: (line) => told.push(line) })
  })

  const said = (relation: Relation, theirs: Relation | undefined): void =>
    news.said({
      id: '12D3KooWdeskdesk',
      card: { ...testCard('12D3KooWdeskdesk'), name: 'desk\u001b[2J' },
      standing: { relation, until: Number.POSITIVE_INFINITY },
      theirs,
    })

  it('are told where they do not count us as one', () => {
    said('friend', 'stranger')
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /^! desk \[2J \(…deskdesk\) is a friend of yours, and you are none/)
  })

  it('are none where both agree, and none of strangers', () => {
    for (const [ours, theirs] of [
      ['friend', 'friend'],
      ['friend', undefined],
      ['stranger', 'stranger'],
      ['stranger', 'friend'],
      ['home', 'stranger'],
    ] as const) {
      said(ours, theirs)
    }
    assert.deepEqual(told, [])
  })

  it('are a few lines, however often it changes its mind', () => {
    for (let i = 0; i < 1_000; i += 1) said('friend', 'stranger')
    assert.equal(told.length, FRIEND_LINES_RULE.burst)
  })
})
