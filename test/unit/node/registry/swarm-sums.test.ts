import assert from 'node:assert/strict'
import { cardSums, MAX_SUM_ROWS, type SeenCard, type SeenNode } from '../../../../node/registry/swarm-sums.ts'
import { testCard } from '../../../support/cards.ts'
import { chatModel } from '../../../support/routing.ts'

function seen(overrides: Partial<SeenCard> = {}, node: Partial<SeenNode> = {}): SeenNode {
  return { card: { ...testCard('12D3-secret'), ...overrides }, alive: true, running: 0, ...node }
}

const model = (name: string, slots = 2, realm = '$CHAT') => ({ realm, model: chatModel({ name }), slots })

describe('cardSums', () => {
  it('counts nodes, federations, slots and what runs, of those that are alive', () => {
    const sums = cardSums([
      seen({ federation: { publicKey: 'f1', label: 'ours' } }, { running: 2 }),
      seen({ federation: { publicKey: 'f1', label: 'ours' }, models: [model('a', 4), model('b', 4)] }, { running: 1 }),
      seen({ federation: { publicKey: 'f2', label: 'theirs' } }),
      seen({}, { alive: false, running: 9 }),
    ])
    const { nodes, alive, federations, slots, running } = sums
    assert.deepEqual([nodes, alive, federations, slots, running], [4, 3, 2, 8, 3])
    assert.deepEqual(sums.versions, [{ name: '0.0.0', nodes: 3, slots: 8 }])
  })

  it('tells of nodes that did not ask for it nothing by which they could be told', () => {
    const sums = cardSums([
      seen({
        name: 'attic-of-anna',
        models: [model('anna-diary-tuned', 2), model('x', 2, '$ANNAS_REALM')],
        federation: { publicKey: 'anna-key', label: 'anna-home' },
      }),
    ])
    const told = JSON.stringify(sums)
    for (const word of ['anna', 'ANNA', 'attic', '12D3', '/ip4/']) assert.ok(!told.includes(word), word)
    assert.deepEqual(sums.models, [{ name: '', nodes: 1, slots: 2 }])
    assert.deepEqual(sums.realms, [
      { name: '$CHAT', nodes: 1, slots: 2 },
      { name: '', nodes: 1, slots: 2 },
    ])
    assert.deepEqual(sums.listed, [])
  })

  it('names models of those that serve everyone, and all of those that are listed', () => {
    const sums = cardSums([
      seen({ share: 'public', models: [model('tiny', 2)] }),
      seen({ name: 'attic', listing: { contact: 'anna@example.org' }, models: [model('big', 1)] }),
      seen({ models: [model('tiny', 8)] }),
    ])
    assert.deepEqual(
      sums.models.map(({ name, nodes, slots }) => [name, nodes, slots]),
      [
        ['big', 1, 1],
        ['tiny', 1, 2],
        ['', 1, 8],
      ],
    )
    assert.deepEqual(
      sums.listed.map(({ name, contact, models, share }) => [name, contact, models, share]),
      [['attic', 'anna@example.org', ['big'], 'home']],
    )
  })

  it('is bounded, and counts what is left out as unnamed', () => {
    const nodes = Array.from({ length: MAX_SUM_ROWS + 50 }, (_, n) =>
      seen({ share: 'public', models: [model(`m${n}`)] }),
    )
    const { models } = cardSums(nodes)
    assert.equal(models.length, MAX_SUM_ROWS + 1)
    assert.deepEqual(models.at(-1), { name: '', nodes: 50, slots: 100 })
  })
})
