import assert from 'node:assert/strict'
import type { MessageStream, Stream } from '@libp2p/interface'
import { ALL_PARTS, SwarmTraffic } from '../../../../node/operate/traffic.ts'

/** What is counted of a stream: what it sends, and what it is handed by the muxer. */
class Pipe {
  readonly protocol: string
  readonly sent: number[] = []
  readonly taken: number[] = []

  constructor(protocol = '') {
    this.protocol = protocol
  }

  send(data: Uint8Array): boolean {
    this.sent.push(data.byteLength)
    return this.sent.length < 2
  }

  onData(data: Uint8Array): void {
    this.taken.push(data.byteLength)
  }
}

describe('the traffic of the swarm', () => {
  it('is counted by part and direction, and what is counted goes where it went', () => {
    const traffic = new SwarmTraffic()
    const ping = new Pipe('/ipfs/ping/1.0.0')
    const other = new Pipe('/realmesh/home/kad/1.0.0')
    traffic.stream(ping as unknown as Stream)
    traffic.stream(other as unknown as Stream)
    assert.deepEqual([ping.send(new Uint8Array(32)), ping.send(new Uint8Array(1))], [true, false])
    ping.onData(new Uint8Array(7))
    other.onData(new Uint8Array(100))
    assert.deepEqual(
      [...traffic.flows()],
      [
        ['ping', { sent: 33, received: 7 }],
        ['kad', { sent: 0, received: 100 }],
      ],
    )
    assert.deepEqual([ping.sent, ping.taken, other.taken], [[32, 1], [7], [100]])
  })

  it('is counted as a whole where it is encrypted, and not within the streams of queries', () => {
    const traffic = new SwarmTraffic()
    const connection = new Pipe()
    const lane = new Pipe('/realmesh/home/query/1.0.0')
    const { send } = lane
    traffic.connection(connection as unknown as MessageStream)
    traffic.stream(lane as unknown as Stream)
    connection.send(new Uint8Array(500))
    connection.onData(new Uint8Array(40))
    assert.deepEqual([...traffic.flows()], [[ALL_PARTS, { sent: 500, received: 40 }]])
    assert.equal(lane.send, send)
  })
})
