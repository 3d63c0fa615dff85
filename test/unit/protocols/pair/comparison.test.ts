import assert from 'node:assert/strict'
import {
  commitmentTo,
  digitsOf,
  moverOf,
  opens,
  type PairEnds,
  type PairOffer,
  type PairSide,
} from '../../../../protocols/pair/comparison.ts'

const ENDS: PairEnds = { network: 'main', asker: 'a', asked: 'b' }
const OFFER: PairOffer = { kind: 'home', name: 'desk', federationLabel: 'ours', company: 0, stays: false }
const nonceOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)

const side = (role: 'asker' | 'asked', fill: number, offer: Partial<PairOffer> = {}): PairSide => ({
  offer: { ...OFFER, ...offer },
  nonce: nonceOf(fill),
  commitment: commitmentTo(nonceOf(fill), role, ENDS),
})

describe('the digits of a pairing', () => {
  it('are six, the same for the same words, zeros in front kept', () => {
    const all = Array.from({ length: 200 }, (_, i) => digitsOf(ENDS, side('asker', i), side('asked', 7)))
    for (const digits of all) assert.match(digits, /^\d{6}$/)
    assert.ok(all.some((digits) => digits.startsWith('0')))
    assert.equal(digitsOf(ENDS, side('asker', 1), side('asked', 2)), digitsOf(ENDS, side('asker', 1), side('asked', 2)))
  })

  const base = digitsOf(ENDS, side('asker', 1), side('asked', 2))
  const others: readonly (readonly [what: string, digits: string])[] = [
    ['the network', digitsOf({ ...ENDS, network: 'other' }, side('asker', 1), side('asked', 2))],
    ['the asking peer', digitsOf({ ...ENDS, asker: 'm' }, side('asker', 1), side('asked', 2))],
    ['the asked peer', digitsOf({ ...ENDS, asked: 'm' }, side('asker', 1), side('asked', 2))],
    ['the nonce of the asker', digitsOf(ENDS, side('asker', 3), side('asked', 2))],
    ['the nonce of the asked', digitsOf(ENDS, side('asker', 1), side('asked', 3))],
    ['who moves', digitsOf(ENDS, side('asker', 1, { company: 2 }), side('asked', 2))],
    ['a name', digitsOf(ENDS, side('asker', 1), side('asked', 2, { name: 'attic' }))],
    ['the roles', digitsOf({ ...ENDS, asker: 'b', asked: 'a' }, side('asked', 2), side('asker', 1))],
  ]
  for (const [what, digits] of others) {
    it(`are others where ${what} differs`, () => assert.notEqual(digits, base))
  }
})

describe('the hash of a nonce', () => {
  it('opens with that nonce alone, of that end, between these peers', () => {
    const mine = side('asker', 1)
    assert.ok(opens(mine, 'asker', ENDS))
    assert.ok(!opens({ ...mine, nonce: nonceOf(2) }, 'asker', ENDS))
    assert.ok(!opens(mine, 'asked', ENDS), 'said again by the other end')
    assert.ok(!opens(mine, 'asker', { ...ENDS, asked: 'm' }), 'said again to another peer')
    assert.ok(!opens({ ...mine, nonce: new Uint8Array() }, 'asker', ENDS))
    assert.ok(!opens({ ...mine, commitment: new Uint8Array() }, 'asker', ENDS))
  })
})

describe('the end that moves', () => {
  const at = (company: number, stays = false) => ({ company, stays })

  it('is the one with less company, and the asker where both have as much', () => {
    assert.equal(moverOf(at(0), at(0)), 'asker')
    assert.equal(moverOf(at(1), at(2)), 'asker')
    assert.equal(moverOf(at(2), at(1)), 'asked')
  })

  it('is never one that cannot', () => {
    assert.equal(moverOf(at(0, true), at(9)), 'asked')
    assert.equal(moverOf(at(9), at(0, true)), 'asker')
    assert.equal(moverOf(at(0, true), at(0, true)), undefined)
  })
})
