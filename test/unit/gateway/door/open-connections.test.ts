import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import {
  CROWD_MS,
  LOOPBACK_ROOM,
  MAX_HTTP_CONNECTIONS,
  MAX_WAITING_PER_ADDRESS,
  OpenConnections,
} from '../../../../gateway/door/open-connections.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** What the connections look at of a socket. */
class FakeSocket extends EventEmitter {
  readonly remoteAddress: string
  destroyed = false

  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.emit('close')
  }
}

describe('open connections', () => {
  let server: EventEmitter
  let connections: OpenConnections
  let clock: ManualClock
  beforeEach(() => {
    server = new EventEmitter()
    clock = new ManualClock()
    connections = new OpenConnections(server as unknown as Server, clock)
  })

  const knock = (address: string): FakeSocket => {
    const socket = new FakeSocket(address)
    server.emit('connection', socket)
    return socket
  }
  const knocks = (count: number, address: string | ((i: number) => string)): readonly FakeSocket[] =>
    Array.from({ length: count }, (_, i) => knock(typeof address === 'string' ? address : address(i)))
  const serve = (socket: FakeSocket): void => connections.serving(socket as unknown as Socket)
  const end = (socket: FakeSocket): void => connections.served(socket as unknown as Socket)
  const gone = (sockets: readonly FakeSocket[]): number => sockets.filter(({ destroyed }) => destroyed).length

  it('of one address push out their oldest when too many wait, and never one that is answered', () => {
    const answered = knock('10.0.0.5')
    serve(answered)
    const waiting = knocks(MAX_WAITING_PER_ADDRESS + 3, '::ffff:10.0.0.5')
    const other = knock('10.0.0.6')
    clock.advance(CROWD_MS)
    assert.deepEqual(waiting.map(({ destroyed }) => destroyed).slice(0, 4), [true, true, true, false])
    assert.equal(gone(waiting), 3)
    assert.deepEqual([answered.destroyed, other.destroyed], [false, false])
  })

  it('of one address may come as a crowd that sends its requests with it', () => {
    const crowd = knocks(1_000, '10.0.0.5')
    for (const socket of crowd) serve(socket)
    clock.advance(CROWD_MS)
    assert.equal(gone(crowd), 0)
    const silent = knocks(MAX_WAITING_PER_ADDRESS + 1, '10.0.0.5')
    clock.advance(CROWD_MS - 1)
    assert.equal(gone(silent), 0)
    clock.advance(1)
    assert.deepEqual([gone(crowd), gone(silent)], [0, 1])
  })

  it('that were served once outlast those that never were', () => {
    const served = knock('10.0.0.5')
    serve(served)
    end(served)
    const waiting = knocks(MAX_WAITING_PER_ADDRESS, '10.0.0.5')
    clock.advance(CROWD_MS)
    assert.deepEqual([served.destroyed, waiting[0]?.destroyed], [false, true])
  })

  it('of a household count as one address', () => {
    const waiting = knocks(MAX_WAITING_PER_ADDRESS + 1, (i) => `2001:db8:1:2::${i.toString(16)}`)
    const other = knock('2001:db8:1:3::1')
    clock.advance(CROWD_MS)
    assert.deepEqual([waiting[0]?.destroyed, gone(waiting), other.destroyed], [true, 1, false])
  })

  it('from outside leave room for this machine, whatever their number', () => {
    const outside = knocks(2 * MAX_HTTP_CONNECTIONS, (i) => `10.1.${i >> 8}.${i & 255}`)
    assert.equal(outside.length - gone(outside), MAX_HTTP_CONNECTIONS - LOOPBACK_ROOM)
    const own = knocks(LOOPBACK_ROOM, '127.0.0.1')
    assert.deepEqual([gone(own), outside.length - gone(outside)], [0, MAX_HTTP_CONNECTIONS - LOOPBACK_ROOM])
    knocks(10, '10.2.0.1')
    assert.equal(gone(own), 0, 'and take none of it')
  })

  it('of this machine give way to the next of it when all places wait', () => {
    const own = knocks(MAX_HTTP_CONNECTIONS, '127.0.0.1')
    const last = knock('127.0.0.1')
    assert.deepEqual([last.destroyed, own[0]?.destroyed, gone(own)], [false, true, 1])
  })

  it('are refused when all places are answered', () => {
    for (const socket of knocks(MAX_HTTP_CONNECTIONS, '127.0.0.1')) serve(socket)
    assert.equal(knock('127.0.0.1').destroyed, true)
    assert.equal(knock('10.0.0.1').destroyed, true)
  })

  it('are counted right however they end', () => {
    for (let round = 0; round < 3; round += 1) {
      const waiting = knocks(MAX_WAITING_PER_ADDRESS, '10.0.0.5')
      assert.equal(gone(waiting), 0)
      for (const socket of waiting) serve(socket)
      for (const socket of waiting) end(socket)
      for (const socket of waiting) socket.destroy()
    }
  })
})
