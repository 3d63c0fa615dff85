import assert from 'node:assert/strict'
import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { silentLogger } from '../../../../core/logger.ts'
import { ConnectionProbe, ECHO_MS, PATIENT_ECHO_MS } from '../../../../discovery/wake/connection-probe.ts'
import { newPeerId, settled } from '../../../support/fake-libp2p.ts'
import { FakeStream } from '../../../support/fake-stream.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

class Host extends EventTarget {
  connections: Connection[] = []
  readonly cut: Connection[] = []

  getConnections(peer?: PeerId): Connection[] {
    return this.connections.filter(({ remotePeer }) => peer === undefined || remotePeer.equals(peer))
  }

  /** One more connection; `echoes`: its other end is there. */
  connect(remotePeer: PeerId, echoes: boolean): Connection {
    const stream = new FakeStream()
    stream.onSend = (bytes) => {
      if (echoes) queueMicrotask(() => stream.receive(bytes))
    }
    const connection = {
      remotePeer,
      remoteAddr: multiaddr('/ip4/192.168.1.7/tcp/1'),
      status: 'open',
      newStream: async () => stream.stream,
      abort: () => this.cut.push(connection),
    } as unknown as Connection
    this.connections.push(connection)
    this.dispatchEvent(new CustomEvent('connection:open', { detail: connection }))
    return connection
  }
}

async function setUp() {
  const clock = new ManualClock()
  const host = new Host()
  const probe = new ConnectionProbe({ libp2p: host, clock, log: silentLogger })
  await probe.start()
  return { clock, host, probe, peer: await newPeerId(), other: await newPeerId() }
}

describe('ConnectionProbe', () => {
  it('cuts the connections that do not answer, and no others', async () => {
    const { clock, host, probe, peer, other } = await setUp()
    const dead = host.connect(peer, false)
    host.connect(other, true)
    const over = probe.all()
    await settled()
    clock.advance(ECHO_MS)
    await over
    assert.deepEqual(host.cut, [dead])
    assert.equal(clock.pending, 0)
  })

  it('cuts none for the time in which this process itself stood still', async () => {
    const { clock, host, probe, peer } = await setUp()
    host.connect(peer, false)
    const over = probe.all()
    await settled()
    clock.stall(60_000)
    await settled()
    assert.deepEqual(host.cut, [])
    clock.advance(ECHO_MS)
    await over
    assert.equal(host.cut.length, 1)
  })

  it('looks at the old connection of a peer that comes by a new one', async () => {
    const { clock, host, peer, other } = await setUp()
    const dead = host.connect(peer, false)
    host.connect(other, false)
    await settled()
    clock.advance(PATIENT_ECHO_MS)
    assert.deepEqual(host.cut, [])
    host.connect(peer, true)
    await settled()
    clock.advance(PATIENT_ECHO_MS)
    await settled()
    assert.deepEqual(host.cut, [dead])
  })

  it('finds the dead one of several connections to a peer that fell silent', async () => {
    const { clock, host, probe, peer, other } = await setUp()
    host.connect(other, false)
    host.connect(peer, true)
    const dead = host.connect(peer, false)
    await settled()
    probe.silent(other.toString())
    probe.silent(peer.toString())
    await settled()
    clock.advance(PATIENT_ECHO_MS)
    await settled()
    assert.deepEqual(host.cut, [dead])
  })

  it('leaves the only way to a peer alone when a lane fell silent on it', async () => {
    const { clock, host, probe, peer } = await setUp()
    const only = host.connect(peer, false)
    probe.doubt(only)
    assert.equal(clock.pending, 0)
    host.connect(peer, true)
    await settled()
    clock.advance(PATIENT_ECHO_MS)
    await settled()
    assert.deepEqual(host.cut, [only])
  })

  it('asks nothing once it is stopped', async () => {
    const { clock, host, probe, peer } = await setUp()
    const over = probe.all()
    await probe.stop()
    await over
    host.connect(peer, false)
    host.connect(peer, false)
    await probe.all()
    assert.deepEqual([clock.pending, host.cut.length], [0, 0])
  })
})
