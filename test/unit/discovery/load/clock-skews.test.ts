import assert from 'node:assert/strict'
import { ClockSkews } from '../../../../discovery/load/clock-skews.ts'

const HOUR_MS = 3_600_000

describe('ClockSkews', () => {
  let told: string[]
  let skews: ClockSkews

  beforeEach(() => {
    told = []
    skews = new ClockSkews({ log: { warn: (_: object, text?: string) => void told.push(String(text)) } })
  })

  it('names the peer whose clock is another, the way and how far, once in the log', () => {
    for (let i = 0; i < 3; i += 1) skews.note('12D3KooWattic', HOUR_MS + i)
    skews.note('12D3KooWdesk', 12)
    assert.match(told.join(), /^the clock of peer …ooWattic is 60 min ahead of the one here/)
    assert.equal(told.length, 1)
    assert.equal(skews.warnings().length, 1)
    skews.note('12D3KooWdesk', -45_000)
    assert.match(told[1] ?? '', /is 45 s behind the one here/)
  })

  it('blames the own clock when it differs from all', () => {
    for (const peer of ['a', 'b', 'c']) skews.note(peer, -2 * HOUR_MS)
    assert.deepEqual(skews.warnings(), [
      'the clock of this machine differs from those of all 3 peers, by 120 min: set it',
    ])
  })

  it('is silent while clocks agree, once they agree again, and about peers that are gone', () => {
    skews.note('a', 29_000)
    skews.note('b', HOUR_MS)
    skews.note('b', 0)
    skews.note('c', HOUR_MS)
    skews.forget('c')
    assert.deepEqual(skews.warnings(), [])
  })
})
