import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { BodyBudget } from '../../../../gateway/request/body-budget.ts'
import { STALLED_READER_MS } from '../../../../gateway/request/limits.ts'
import { MAX_BEHIND_BYTES, MAX_UNREAD_BYTES, Outbox } from '../../../../gateway/sockets/outbox.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A socket whose client reads when the test says so. */
class SlowSocket extends EventEmitter {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  readonly sent: string[] = []
  readonly #unread: (() => void)[] = []

  send(frame: string, flushed: () => void): void {
    this.sent.push(frame)
    this.bufferedAmount += frame.length
    this.#unread.push(() => {
      this.bufferedAmount -= frame.length
      flushed()
    })
  }

  read(): void {
    for (const flush of this.#unread.splice(0)) flush()
  }

  terminate(): void {
    this.readyState = 3
    this.read()
    this.emit('close')
  }
}

describe('what a socket is told', () => {
  let socket: SlowSocket
  let clock: ManualClock
  let budget: BodyBudget
  let outbox: Outbox
  const large = 'x'.repeat(MAX_UNREAD_BYTES + 1)
  beforeEach(() => {
    socket = new SlowSocket()
    clock = new ManualClock()
    budget = new BodyBudget()
    const share = budget.shareOf({ once: () => undefined as never, closed: false } as never)
    outbox = new Outbox({ socket: socket as unknown as WebSocket, clock, share })
  })

  it('is counted until it is read', () => {
    outbox.send(large)
    assert.ok(budget.held > 0)
    socket.read()
    assert.equal(budget.held, 0)
  })

  it('waits for a client that is behind, and goes on once it has read', async () => {
    assert.equal(outbox.ready(), undefined)
    outbox.send(large)
    const ready = outbox.ready()
    assert.ok(ready !== undefined)
    socket.read()
    await ready
    assert.deepEqual([outbox.ready(), clock.pending], [undefined, 0])
  })

  it('is cut for a client that reads nothing for long, and not for one that reads at last', () => {
    outbox.send(large)
    clock.advance(STALLED_READER_MS - 1)
    socket.read()
    clock.advance(STALLED_READER_MS)
    assert.equal(socket.readyState, 1)
    outbox.send(large)
    clock.advance(STALLED_READER_MS)
    assert.equal(socket.readyState, 3)
  })

  it('leaves out news that later ones replace for a client that is behind, or knows them', () => {
    outbox.send('1', true)
    outbox.send('1', true)
    outbox.sendLatest('2')
    outbox.send('2', true)
    outbox.send(large)
    outbox.send('3', true)
    assert.deepEqual(socket.sent, ['1', '2', large])
    socket.read()
    outbox.send('3', true)
    assert.equal(socket.sent.at(-1), '3')
  })

  it('ends where too much is unread, or where there is no room for more of all sockets', async () => {
    for (let sent = 0; sent <= MAX_BEHIND_BYTES; sent += 2 ** 23) outbox.send('x'.repeat(2 ** 23))
    const ready = outbox.ready()
    outbox.send('one more')
    assert.equal(socket.readyState, 3)
    await ready
    assert.equal(budget.held, 0)
    const small = new BodyBudget({ maxBytes: 10 })
    socket = new SlowSocket()
    const share = small.shareOf({ once: () => undefined as never, closed: false } as never)
    new Outbox({ socket: socket as unknown as WebSocket, clock, share }).send(large)
    assert.equal(socket.readyState, 3)
  })
})
