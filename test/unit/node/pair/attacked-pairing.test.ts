/** Ten thousand tries of a node in the middle, and of one that guesses digits. */
import assert from 'node:assert/strict'
import { linkedAbort } from '../../../../core/run/linked-abort.ts'
import { OnePairing } from '../../../../node/pair/one-pairing.ts'
import {
  commitmentTo,
  digitsOf,
  opens,
  type PairEnds,
  type PairOffer,
  type PairRole,
  type PairSide,
} from '../../../../protocols/pair/comparison.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { volume } from '../../../support/volume.ts'

const TRIES = volume(2_000, 10_000)

const OFFER: PairOffer = { kind: 'home', name: 'desk', federationLabel: 'ours', company: 0, stays: false }

describe('a pairing that is attacked', () => {
  const random = seededRandom(12)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256))

  const side = (role: PairRole, ends: PairEnds): PairSide => {
    const nonce = bytes(32)
    return { offer: OFFER, nonce, commitment: commitmentTo(nonce, role, ends) }
  }

  it('by a node in the middle shows other digits on both screens: one chance in a million for each try', () => {
    const toMiddle: PairEnds = { network: 'main', asker: 'laptop', asked: 'middle' }
    const toDesk: PairEnds = { network: 'main', asker: 'middle', asked: 'desk' }
    let equal = 0
    for (let i = 0; i < TRIES; i += 1) {
      const atLaptop = digitsOf(toMiddle, side('asker', toMiddle), side('asked', toMiddle))
      const atDesk = digitsOf(toDesk, side('asker', toDesk), side('asked', toDesk))
      if (atLaptop === atDesk) equal += 1
    }
    assert.equal(equal, 0, 'the random numbers are the same each time')
  })

  it('by an end that looks for better bytes after it saw the others finds none that fit its hash', () => {
    const ends: PairEnds = { network: 'main', asker: 'laptop', asked: 'middle' }
    const bound = side('asked', ends)
    let opened = 0
    for (let i = 0; i < TRIES; i += 1) if (opens({ ...bound, nonce: bytes(32) }, 'asked', ends)) opened += 1
    assert.equal(opened, 0)
  })

  it('by guessed digits ends with the first guess', async () => {
    const life = linkedAbort()
    let agreed = 0
    for (let i = 0; i < TRIES; i += 1) {
      const pairing = new OnePairing(
        {
          hands: {
            give: () => assert.fail('the key was given'),
            take: () => assert.fail('a key was taken'),
            befriend: () => assert.fail('it was befriended'),
            met: async () => {},
          },
          onChange: () => {},
          life: life.signal,
        },
        { peer: 'p', name: 'desk', kind: 'home', role: 'asked', company: 0, now: 0 },
      )
      const digits = String(i).padStart(6, '0')
      const verdict = pairing.hands.compare({ digits, theirs: OFFER, mover: 'asker' })
      pairing.answer(String((i + 1 + Math.floor(random() * 999_998)) % 1_000_000).padStart(6, '0'))
      if (await verdict) agreed += 1
      assert.throws(() => pairing.answer(digits), { code: 'BAD_REQUEST' }, 'not even the right ones, now')
    }
    assert.equal(agreed, 0)
  })
})
