import assert from 'node:assert/strict'
import type { PeerId } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import {
  LOOK_AGAIN_MS,
  LOOK_SPACING_MS,
  LOOKS,
  MAX_LOOKED_AT,
  SELF_DIAL_MS,
  TwinWatch,
} from '../../../../discovery/contact/twin-watch.ts'
import { newPeerId } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const OWN = multiaddr('/ip4/192.168.1.7/tcp/4501')
const THERE = multiaddr('/ip4/192.168.1.8/tcp/4501')

describe('twin watch', () => {
  let peerId: PeerId
  let clock: ManualClock
  let dialled: string[]
  let logged: string[]
  let twins: TwinWatch

  beforeEach(async () => {
    peerId = await newPeerId()
    clock = new ManualClock()
    dialled = []
    logged = []
    const dial = async (addresses: Multiaddr[]): Promise<void> => {
      dialled.push(...addresses.map(String))
      throw new Error('Can not dial self')
    }
    const log = { ...silentLogger, error: (_fields: object, message: string) => logged.push(message) }
    twins = new TwinWatch({ libp2p: { peerId, dial, getMultiaddrs: () => [OWN] }, clock, log })
    await twins.start()
  })

  afterEach(async () => {
    await twins.stop()
    assert.equal(clock.pending, 0)
  })

  function handshake(direction: 'inbound' | 'outbound', peer = peerId): void {
    twins.onHandshake({ peer: peer.toString(), direction, remoteAddr: THERE })
  }

  for (const direction of ['inbound', 'outbound'] as const) {
    it(`says once, with the fix, that the own key answered on an ${direction} connection`, () => {
      handshake(direction)
      clock.advance(SELF_DIAL_MS)
      handshake(direction)
      clock.advance(SELF_DIAL_MS)
      assert.deepEqual(logged, [`another node runs with the identity of this one, at ${THERE.toString()}`])
      const [warning = '', ...others] = twins.warnings()
      assert.match(warning, /home was copied; stop one of the two, delete data\/identity\.key/)
      assert.deepEqual(others, [])
    })
  }

  it('does not take itself for another when it dialled itself', () => {
    handshake('outbound')
    handshake('inbound')
    clock.advance(SELF_DIAL_MS)
    assert.deepEqual(twins.warnings(), [])
  })

  it('does not mind other peers', async () => {
    handshake('inbound', await newPeerId())
    clock.advance(SELF_DIAL_MS)
    assert.deepEqual(twins.warnings(), [])
  })

  it('looks where it is said to be, without the id that libp2p would not dial, and not at its own addresses', () => {
    twins.heard([OWN, multiaddr(`${OWN.toString()}/p2p/${peerId.toString()}`)])
    twins.heard([multiaddr(`${THERE.toString()}/p2p/${peerId.toString()}`)])
    twins.heard([THERE])
    assert.deepEqual(dialled, [THERE.toString()])
  })

  it('looks again after a while, and makes few dials whatever is said', () => {
    const many = Array.from({ length: 10 * MAX_LOOKED_AT }, (_, i) => multiaddr(`/ip4/198.51.100.7/tcp/${i + 1}`))
    twins.heard(many)
    twins.heard(many)
    assert.equal(dialled.length, MAX_LOOKED_AT)
    clock.advance(LOOK_AGAIN_MS)
    assert.equal(dialled.length, LOOKS * MAX_LOOKED_AT)
    twins.heard(many)
    assert.equal(dialled.length, (LOOKS + 1) * MAX_LOOKED_AT)
  })

  it('looks a few times, because the end that dials may be gone before the other has read its proof', () => {
    twins.heard([THERE])
    clock.advance(LOOK_SPACING_MS)
    assert.deepEqual(dialled, [THERE.toString(), THERE.toString()])
    clock.advance(LOOK_AGAIN_MS)
    assert.equal(dialled.length, LOOKS)
  })

  it('looks at what was said before its start', async () => {
    await twins.stop()
    twins.heard([THERE])
    assert.deepEqual(dialled, [])
    await twins.start()
    assert.deepEqual(dialled, [THERE.toString()])
  })
})
