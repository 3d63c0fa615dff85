import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'
import { dhtKey } from '../../../../discovery/dht/dht-keys.ts'
import { ANSWERS_TO_SETTLE, WalkProgress } from '../../../../discovery/dht/walk-progress.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'

const KEY = dhtKey('test', { kind: 'model', name: 'tiny' }, 0)

function sha256(bytes: Uint8Array): bigint {
  return BigInt(`0x${createHash('sha256').update(bytes).digest('hex')}`)
}

describe('progress of a walk', () => {
  /** Nearest to the key first. */
  let peers: readonly PeerId[]
  before(async () => {
    const target = sha256(KEY.multihash.bytes)
    const made = await Promise.all(Array.from({ length: 40 }, newPeerId))
    const distance = (peer: PeerId): bigint => sha256(peer.toMultihash().bytes) ^ target
    peers = made.toSorted((a, b) => (distance(a) < distance(b) ? -1 : 1))
  })

  it('is settled when some of the peers nearest to the key have answered', () => {
    const progress = new WalkProgress(KEY)
    for (const [i, peer] of peers.slice(0, ANSWERS_TO_SETTLE).entries()) {
      assert.equal(progress.settled, false, `after ${i} answers`)
      progress.answered(peer, peers.slice(0, 20))
    }
    assert.equal(progress.settled, true)
  })

  it('is not settled by peers that know nearer ones, however many', () => {
    const progress = new WalkProgress(KEY)
    for (const peer of peers.slice(20)) progress.answered(peer, peers.slice(0, 20))
    assert.equal(progress.settled, false)
  })

  it('counts a peer once', () => {
    const progress = new WalkProgress(KEY)
    const [nearest] = peers
    assert.ok(nearest !== undefined)
    for (let i = 0; i < 20; i += 1) progress.answered(nearest, [])
    assert.equal(progress.settled, false)
  })

  it('takes in a bounded number of peers from one answer', () => {
    const progress = new WalkProgress(KEY)
    // A liar names 20 that do not exist and many more; what counts is what the first 20 push out.
    const [far] = peers.slice(-1)
    assert.ok(far !== undefined)
    progress.answered(far, peers.slice(20).concat(peers.slice(0, 20)))
    for (const peer of peers.slice(20, 20 + ANSWERS_TO_SETTLE)) progress.answered(peer, [])
    assert.equal(progress.settled, true)
  })
})
