/** A peer that breaks the query protocol again and again, against a node's whole side towards the swarm. */
import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { type Clock, systemClock } from '../../../core/run/clock.ts'
import { SLIP_RULE } from '../../../discovery/guard/rule-breakers.ts'
import { queryProtocol } from '../../../protocols/query/constants.ts'
import { libp2pNode } from '../../support/libp2p-node.ts'
import { RawLane } from '../../support/libp2p-raw-lane.ts'
import { type SwarmSide, swarmSide } from '../../support/swarm-side.ts'

/** Timers run, but no time goes by: a slip is forgiven after a minute, and a slow machine takes longer for six of them. */
const STANDING: Clock = { ...systemClock, monotonic: () => 0 }

const FOUR_GIB = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)

describe('a peer that breaks the query protocol', () => {
  let node: SwarmSide
  let peer: Libp2p

  beforeEach(async () => {
    node = await swarmSide(
      async function* () {
        yield { kind: 'end', finishReason: 'stop' }
      },
      { clock: STANDING },
    )
    peer = await libp2pNode()
  })

  afterEach(async () => {
    await Promise.all([peer.stop(), node.stop()])
  })

  async function lane(): Promise<RawLane> {
    const addresses = node.addresses().map((address) => multiaddr(address))
    return new RawLane(await peer.dialProtocol(addresses, queryProtocol('test')))
  }

  async function slip(): Promise<void> {
    const broken = await lane()
    broken.send(FOUR_GIB)
    await broken.closed
  }

  it('is served on after a slip', async () => {
    await slip()
    const good = await lane()
    good.ask()
    assert.equal((await good.nextAnswer()).events[0]?.end?.finishReason, 'stop')
  })

  it('is cut off when it sends bodies that no honest node sends, however well framed', async () => {
    const cut = new Promise((resolve) => {
      peer.addEventListener('peer:disconnect', resolve)
    })
    const junk = Buffer.from(`{"messages":[${Array(10_000).fill('{}').join()}]}`)
    const broken = await lane()
    for (let number = 1; number <= SLIP_RULE.burst; number += 1) {
      broken.ask({ number, bodyBytes: junk.byteLength, body: junk })
      assert.equal((await broken.nextAnswer()).failure?.code, 'BAD_REQUEST')
    }
    broken.ask({ number: SLIP_RULE.burst + 1, bodyBytes: junk.byteLength, body: junk })
    await cut
  })

  it('is cut off and kept out when it does so again and again', async () => {
    const cut = new Promise((resolve) => {
      peer.addEventListener('peer:disconnect', resolve)
    })
    for (let i = 0; i < SLIP_RULE.burst + 1; i += 1) await slip()
    await cut
    await assert.rejects(async () => {
      const again = await lane()
      again.ask()
      await again.nextAnswer()
    })
  })
})
