import assert from 'node:assert/strict'
import { type MetPeer, NEIGHBOUR_LINES_RULE, NeighbourNews } from '../../../../node/pair/neighbour-news.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

describe('a node in the local network that is not ours', () => {
  let peers: MetPeer[]
  let told: string[]
  let clock: ManualClock
  let news: NeighbourNews
  beforeEach(() => {
    peers = []
    told = []
    clock = new ManualClock()
    news = new NeighbourNews({ clock, peers: () => peers, tell: (line) => told.push(line) })
  })

  const met = (id: string, name: string, relation: MetPeer['relation'] = 'stranger'): void => {
    peers = [...peers.filter((peer) => peer.id !== id), { id, name, relation }]
    news.look(id)
  }

  it('is told of once, with what to type, when it has said what it is called', () => {
    news.announced('12D3KooWdeskdesk')
    assert.deepEqual(told, [], 'its name is not known yet')
    met('12D3KooWdeskdesk', 'desk-pc')
    assert.deepEqual(told, ['desk-pc (…deskdesk) is here: realmesh pair desk-pc'])
    for (let i = 0; i < 3; i += 1) news.announced('12D3KooWdeskdesk')
    met('12D3KooWdeskdesk', 'other name')
    assert.equal(told.length, 1)
  })

  it('is told of when it announces itself after it was met', () => {
    met('12D3KooWdeskdesk', 'desk-pc')
    assert.deepEqual(told, [], 'met elsewhere, not in this network')
    news.announced('12D3KooWdeskdesk')
    assert.equal(told.length, 1)
  })

  it('is none where it is of the own home or a friend', () => {
    for (const relation of ['home', 'friend'] as const) {
      news.announced(relation)
      met(relation, 'desk-pc', relation)
    }
    assert.deepEqual(told, [])
  })

  it('steers neither the terminal nor the shell into which the line is copied', () => {
    news.announced('12D3KooWevilevil')
    met('12D3KooWevilevil', '\u001b[2J$(reboot)\nrealmesh')
    assert.deepEqual(told, ['[2J$(reboot) realmesh (…evilevil) is here: realmesh pair evilevil'])
  })

  it('is named by its id where another one has the same name', () => {
    met('12D3KooWdeskdesk', 'desk-pc', 'home')
    news.announced('12D3KooWtwintwin')
    met('12D3KooWtwintwin', 'desk-pc')
    assert.match(told[0] ?? '', /realmesh pair twintwin$/)
  })

  it('is one of a few lines, however many announce themselves', () => {
    for (let i = 0; i < 10_000; i += 1) {
      peers = [{ id: `peer-${i}`, name: `n${i}`, relation: 'stranger' }]
      news.announced(`peer-${i}`)
    }
    assert.equal(told.length, NEIGHBOUR_LINES_RULE.burst)
    clock.advance(3_600_000)
    peers = [{ id: 'late', name: 'late', relation: 'stranger' }]
    news.announced('late')
    assert.match(told.at(-1) ?? '', /^late /)
  })
})
