import assert from 'node:assert/strict'
import { addressesOf, LONG_PAUSE_MS, type MachineLook, upsetBetween } from '../../../../discovery/wake/upsets.ts'

const EVERY_MS = 2_000
const BEFORE: MachineLook = { monotonic: 5_000, wall: 1_700_000_000_000, addresses: '192.168.1.7' }

/** The next look, so much later by each clock. */
function next(ranMs: number, wallMs = ranMs, addresses = BEFORE.addresses): MachineLook {
  return { monotonic: BEFORE.monotonic + ranMs, wall: BEFORE.wall + wallMs, addresses }
}

describe('what may have ended connections without a word', () => {
  it('is that this process stood still, that the machine slept, or that its addresses changed', () => {
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS), EVERY_MS), undefined)
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS + LONG_PAUSE_MS), EVERY_MS), 'held up')
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS, EVERY_MS + LONG_PAUSE_MS), EVERY_MS), 'asleep')
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS, EVERY_MS, '192.168.2.7'), EVERY_MS), 'moved')
    assert.equal(upsetBetween(BEFORE, next(90_000, 90_000, '192.168.2.7'), EVERY_MS), 'moved')
  })

  it('is not a busy moment, nor a clock that is set back', () => {
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS + LONG_PAUSE_MS - 1), EVERY_MS), undefined)
    assert.equal(upsetBetween(BEFORE, next(EVERY_MS, EVERY_MS - 3_600_000), EVERY_MS), undefined)
  })
})

describe('the addresses of the machine', () => {
  const at = (address: string, internal = false) => ({ address, internal })

  it('are the same text while they are the same, in whatever order they are told', () => {
    assert.equal(
      addressesOf({ eth0: [at('192.168.1.7'), at('2001:db8::7')] }),
      addressesOf({ wlan0: [at('2001:db8::7')], eth0: [at('192.168.1.7')] }),
    )
  })

  it('are without loopback and without those of a single link, which come and go with containers', () => {
    const docker = { veth1: [at('fe80::1'), at('169.254.1.2')], lo: [at('127.0.0.1', true)], gone: undefined }
    assert.equal(addressesOf({ ...docker, eth0: [at('192.168.1.7')] }), '192.168.1.7')
  })
})
