import assert from 'node:assert/strict'
import type { Scope } from '../../../../core/scope.ts'
import { newPeerEntry, type PeerEntry } from '../../../../discovery/peers/peer-entry.ts'
import { outOfContact, servers, serves } from '../../../../discovery/peers/serving-peers.ts'
import type { Card } from '../../../../protocols/card/card.ts'
import { testCard } from '../../../support/cards.ts'
import { chatModel } from '../../../support/routing.ts'

function entry(id: string, share: Scope, models: readonly string[], heardAt = 0): PeerEntry {
  const card: Card = {
    ...testCard(id),
    share,
    models: models.map((name) => ({ realm: '$CHAT', model: chatModel({ name }), slots: 1 })),
  }
  return { ...newPeerEntry(id, heardAt), card }
}

function table(...entries: readonly PeerEntry[]) {
  return { entries: () => entries.values() }
}

describe('serving peers', () => {
  it('are those that share a model of the realm with this node', () => {
    const open = entry('open', 'public', ['tiny'])
    assert.ok(serves(open) && serves(open, '$CHAT'))
    assert.ok(!serves(open, '$VISION'))
    assert.ok(!serves(entry('shut', 'home', ['tiny'])))
    assert.ok(!serves(entry('bare', 'public', [])))
    assert.ok(!serves(newPeerEntry('new', 0)))
    assert.equal(servers(table(open, entry('shut', 'home', ['tiny']), entry('other', 'public', ['big'])), '$CHAT'), 2)
  })

  it('that are not connected are found by model, by whatever tag, the latest heard first', () => {
    const here = { ...entry('here', 'public', ['tiny']), connected: true }
    const known = table(
      here,
      entry('old', 'public', ['tiny:latest'], 1),
      entry('new', 'public', ['Tiny'], 2),
      entry('other', 'public', ['big'], 3),
      entry('shut', 'home', ['tiny'], 4),
    )
    assert.deepEqual(outOfContact(known, { model: 'tiny' }), ['new', 'old'])
    assert.deepEqual(outOfContact(known, { model: 'auto', realm: '$CHAT' }), ['other', 'new', 'old'])
    assert.deepEqual(outOfContact(known, { model: 'tiny', realm: '$VISION' }), [])
  })
})
