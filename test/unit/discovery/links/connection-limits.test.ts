import assert from 'node:assert/strict'
import type { Relation } from '../../../../core/scope.ts'
import {
  connectionsToCut,
  type HeldConnection,
  MAX_STRANGER_CONNECTIONS,
  MAX_STRANGERS_BY_RELAY,
  MAX_STRANGERS_FROM_SUBNET,
  NEWCOMER_MS,
} from '../../../../discovery/links/connection-limits.ts'

const OLD_MS = 60_000

interface Named extends HeldConnection {
  readonly name: string
}

function held(name: string, fields: Partial<HeldConnection> = {}): Named {
  return { name, relation: 'stranger', origin: undefined, spared: false, ageMs: OLD_MS, ...fields }
}

/** So many from one subnet; the later ones are younger. */
function from(subnet: string, count: number, fields: Partial<HeldConnection> = {}): readonly Named[] {
  const origin = { kind: 'subnet', id: subnet } as const
  return Array.from({ length: count }, (_, i) => held(`${subnet}#${i}`, { origin, ageMs: OLD_MS - i, ...fields }))
}

function cutNames(all: readonly Named[]): readonly string[] {
  return connectionsToCut(all)
    .map(({ name }) => name)
    .sort()
}

describe('connections of strangers', () => {
  it('are so many from one subnet, at once, and the youngest go', () => {
    assert.deepEqual(cutNames(from('a', MAX_STRANGERS_FROM_SUBNET)), [])
    assert.deepEqual(cutNames(from('a', MAX_STRANGERS_FROM_SUBNET + 2)), ['a#16', 'a#17'])
    const young = from('a', MAX_STRANGERS_FROM_SUBNET + 1, { ageMs: 0 })
    assert.equal(connectionsToCut(young).length, 1)
  })

  it('are not counted in private networks, and by relay where one brings them', () => {
    assert.deepEqual(connectionsToCut(Array.from({ length: 100 }, (_, i) => held(`${i}`))), [])
    const relayed = Array.from({ length: MAX_STRANGERS_BY_RELAY + 1 }, (_, i) =>
      held(`${i}`, { origin: { kind: 'relay', id: 'r' }, ageMs: OLD_MS + i }),
    )
    assert.deepEqual(cutNames(relayed), ['0'])
  })

  it('leave room in all: the most crowded place gives way first, and no newcomer', () => {
    const many = Array.from({ length: 12 }, (_, i) => from(`s${i}`, 10)).flat()
    const crowd = [...many, ...from('crowded', 12)]
    assert.equal(crowd.length, MAX_STRANGER_CONNECTIONS + 4)
    assert.deepEqual(cutNames(crowd), ['crowded#10', 'crowded#11', 's0#9', 's1#9'])
    const newcomers = crowd.map((one) => ({ ...one, ageMs: NEWCOMER_MS - 1 }))
    assert.deepEqual(connectionsToCut(newcomers), [])
  })

  it('never cost an own node, a friend, a relay in use or a peer with a query its connection', () => {
    const kept: readonly Partial<HeldConnection>[] = [
      { relation: 'home' satisfies Relation },
      { relation: 'friend' satisfies Relation },
      { spared: true },
    ]
    for (const fields of kept) assert.deepEqual(connectionsToCut(from('a', 300, fields)), [])
    const mixed = [...from('a', 20, { spared: true, ageMs: 0 }), ...from('b', 3), ...from('a', 2)]
    assert.deepEqual(cutNames(mixed), ['a#0', 'a#1'])
  })
})
