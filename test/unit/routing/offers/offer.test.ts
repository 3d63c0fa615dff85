import assert from 'node:assert/strict'
import { LOAD_BELIEVED_MS } from '../../../../core/model/load.ts'
import { afterFailure, type Evidence, NO_EVIDENCE, PEER_BREAKER } from '../../../../routing/learning/evidence.ts'
import {
  autoWeight,
  billions,
  breakerAdmits,
  currentLoad,
  drawChance,
  drawWeight,
  fitBits,
  isHalfOpen,
  type Offer,
  overdueMs,
  type PeerModel,
  RECORD_STALE_MS,
} from '../../../../routing/offers/offer.ts'
import { chatModel, modelLoad } from '../../../support/routing.ts'

const NOW = 1_000_000

function peerModel(overrides: Partial<PeerModel> = {}, evidence: Evidence = NO_EVIDENCE): PeerModel {
  return {
    peer: {
      id: 'p',
      relation: 'home',
      connected: true,
      relayed: false,
      rttMs: 10,
      seq: 1,
      receivedAt: NOW,
      draining: false,
      evidence,
      models: new Map(),
    },
    cardSlots: 2,
    load: modelLoad(),
    unreported: 0,
    reported: 0,
    silent: 0,
    silentSince: 0,
    silentPromiseMs: 0,
    evidence: NO_EVIDENCE,
    batch: { inFlight: 0, notBefore: 0 },
    offers: [],
    ...overrides,
  }
}

function offer(of: PeerModel, size = 3): Offer {
  return { of, realm: '$CHAT', canonical: 'tiny', model: chatModel(), fit: 0, sure: 0, billions: size, places: [] }
}

function failed(times: number): Evidence {
  let evidence = NO_EVIDENCE
  for (let i = 0; i < times; i += 1) evidence = afterFailure(evidence, NOW, NOW)
  return evidence
}

describe('an offer', () => {
  it('says what a query needs as bits of one number', () => {
    const offered = fitBits(['chat', 'vision'], { vision: true, tools: true })
    const fits = (wanted: number): boolean => (offered & wanted) === wanted
    assert.equal(fits(fitBits(['chat'], {})), true)
    assert.equal(fits(fitBits(['vision'], { tools: true })), true)
    assert.equal(fits(fitBits(['chat'], { structured: true })), false)
    assert.equal(fits(fitBits(['embed'], {})), false)
  })

  it('is drawn less as its record grows old, and least without any', () => {
    const at = (ageMs: number): number => drawChance(peerModel(), NOW + ageMs)
    assert.deepEqual([at(0), at(RECORD_STALE_MS), at(RECORD_STALE_MS + 1)], [1, 1, 0.5])
    assert.deepEqual([at(LOAD_BELIEVED_MS), at(LOAD_BELIEVED_MS + 1)], [0.5, 0.25])
    assert.equal(drawChance(peerModel({ load: undefined }), NOW), 0.25)
    assert.notEqual(currentLoad(peerModel(), NOW + LOAD_BELIEVED_MS), undefined)
    assert.equal(currentLoad(peerModel(), NOW + LOAD_BELIEVED_MS + 1), undefined)
  })

  it('is drawn by its capacity, as far as a claim can be believed', () => {
    const weight = (load: Parameters<typeof modelLoad>[0]): number =>
      drawWeight(offer(peerModel({ load: modelLoad(load) })))
    assert.equal(weight({ slots: 4 }), 2 * weight({ slots: 2 }))
    assert.equal(weight({ decodeRate: 100 }), 2 * weight({ decodeRate: 50 }))
    assert.equal(weight({ slots: 1e9, decodeRate: 1e9 }), weight({ slots: 64, decodeRate: 500 }))
    assert.equal(weight({ slots: 0 }), 0)
    const draining = peerModel()
    draining.peer.draining = true
    assert.equal(drawWeight(offer(draining)), 0)
  })

  it('is drawn less the more often it failed us, but never quite not', () => {
    const weights = [0, 1, 3, 50].map((times) => drawWeight(offer(peerModel({ evidence: failed(times) }))))
    assert.deepEqual(
      weights,
      weights.toSorted((a, b) => b - a),
    )
    assert.ok((weights.at(-1) ?? 0) >= 1)
  })

  it('of a large model in memory comes first where any model will do', () => {
    const warm = autoWeight(offer(peerModel(), 8), 100)
    assert.ok(warm > autoWeight(offer(peerModel(), 3), 100))
    assert.ok(warm > autoWeight(offer(peerModel({ load: modelLoad({ warm: false }) }), 8), 100))
    assert.equal(autoWeight(offer(peerModel(), 8), 0), 0)
  })

  it('takes no query while a breaker is open, and one at a time while it is half-open', () => {
    const of = peerModel({ evidence: failed(PEER_BREAKER.failures) })
    const later = NOW + PEER_BREAKER.pauseMs
    assert.deepEqual([breakerAdmits(of, NOW), isHalfOpen(of, NOW)], [false, false])
    assert.deepEqual([breakerAdmits(of, later), isHalfOpen(of, later)], [true, true])
    of.unreported = 1
    assert.equal(breakerAdmits(of, later), false)
    assert.equal(breakerAdmits(peerModel({}, failed(PEER_BREAKER.failures)), NOW), false, 'the whole peer’s')
  })

  it('is overdue by what its silence exceeds the promise', () => {
    const silent = peerModel({ silent: 1, silentSince: NOW, silentPromiseMs: 500 })
    assert.deepEqual([overdueMs(silent, NOW + 400), overdueMs(silent, NOW + 800)], [0, 300])
    assert.equal(overdueMs(peerModel(), NOW + 1e9), 0)
  })

  it('reads parameters as people write them, within bounds', () => {
    const of = (parameterSize?: string): number =>
      billions(chatModel(parameterSize === undefined ? {} : { parameterSize }))
    assert.deepEqual(
      ['8B', '800M', '8.03 b', '405B', '0B', 'many', undefined].map((text) => of(text)),
      [8, 0.8, 8.03, 70, 3, 3, 3],
    )
  })
})
