import assert from 'node:assert/strict'
import type { Connection, PeerId, Stream, StreamHandler, Topology } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import * as lp from 'it-length-prefixed'
import { silentLogger } from '../../../../core/logger.ts'
import { PullQueue } from '../../../../core/run/pull-queue.ts'
import { Presence, type PresenceComponents } from '../../../../discovery/presence/presence.ts'
import {
  ASK_AFTER_MS,
  CUT_AFTER_MS,
  LINK_LOOK_MS,
  presenceProtocol,
  SECOND_TO_ASK_MS,
  SILENT_AFTER_MS,
} from '../../../../discovery/presence/presence-rules.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { turn } from '../../../support/until.ts'

/** The messages of some bytes with lengths before them. */
function messages(bytes: Uint8Array): string[] {
  return [...lp.decode([bytes])].map((message) => Buffer.from(message.subarray()).toString())
}

/** A stream whose other end is the test. */
class Wire {
  writeStatus = 'writable'
  writableNeedsDrain = false
  aborted = false
  readonly sent: string[] = []
  readonly #arriving = new PullQueue<Uint8Array>()

  send(data: { subarray(): Uint8Array }): boolean {
    this.sent.push(...messages(data.subarray()))
    return true
  }

  abort(): void {
    this.aborted = true
    this.#arriving.end()
  }

  /** The peer sends a message here. */
  arrive(text: string): void {
    this.#arriving.push(lp.encode.single(Buffer.from(text)).subarray())
  }

  end(): void {
    this.#arriving.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let bytes = await this.#arriving.next(); bytes !== undefined; bytes = await this.#arriving.next()) yield bytes
  }
}

function peerId(id: string): PeerId {
  return { toString: () => id } as PeerId
}

/** Can stand still while time goes on, as the timers of a process that is held up. */
class HeldClock extends ManualClock {
  heldMs = 0

  override monotonic(): number {
    return super.monotonic() + this.heldMs
  }
}

function setUp(self = 'a') {
  const clock = new HeldClock(0)
  const events = new EventTarget()
  const opened: Wire[] = []
  const told: string[] = []
  let topology: Topology | undefined
  let handler: StreamHandler | undefined
  const state = { refuses: false, cut: false }
  const connection = {
    status: 'open',
    remotePeer: peerId('b'),
    remoteAddr: multiaddr('/ip4/192.0.2.7/tcp/1'),
    rtt: undefined as number | undefined,
    newStream: async (protocol: string): Promise<Wire> => {
      assert.equal(protocol, presenceProtocol('test'))
      if (state.refuses) throw new Error('no')
      const wire = new Wire()
      opened.push(wire)
      return wire
    },
    abort: () => {
      state.cut = true
    },
  }
  const connections = [connection]
  const libp2p = {
    peerId: peerId(self),
    handle: async (_protocol: string, its: StreamHandler) => {
      handler = its
    },
    unhandle: async () => {},
    register: async (_protocol: string, its: Topology) => {
      topology = its
      return 'it'
    },
    unregister: () => {},
    getConnections: () => connections,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  } as unknown as PresenceComponents['libp2p']
  const presence = new Presence(
    {
      libp2p,
      clock,
      log: silentLogger,
      onRecord: (peer, data) => told.push(`record ${peer.toString()} ${Buffer.from(data).toString()}`),
      onAlive: (peer) => told.push(`alive ${peer.toString()}`),
      onSilent: (peer) => told.push(`silent ${peer}`),
      onLink: () => told.push('link'),
    },
    { network: 'test', maxBytes: 16 },
  )
  /** Moves the clock a look at a time. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += LINK_LOOK_MS) {
      clock.advance(LINK_LOOK_MS)
      await turn()
    }
  }
  const join = async (): Promise<void> => {
    topology?.onConnect?.(connection.remotePeer, connection as unknown as Connection)
    await turn()
  }
  const speak = async (wire: Wire): Promise<void> => {
    void handler?.(wire as unknown as Stream, connection as unknown as Connection)
    await turn()
  }
  const leave = (): boolean =>
    events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: connection.remotePeer }))
  return { clock, presence, connection, connections, opened, told, state, pass, join, speak, leave }
}

describe('presence', () => {
  it('tells every connected node what there is to say, on one stream that stays', async () => {
    const { presence, opened, told, join } = setUp()
    await presence.start()
    assert.equal(presence.say(Buffer.from('x')), 0)
    await join()
    await join()
    assert.deepEqual([opened.length, told], [1, ['link']])
    assert.equal(presence.say(Buffer.from('one')), 1)
    assert.equal(presence.say(Buffer.from('two')), 1)
    assert.deepEqual(opened[0]?.sent, ['one', 'two'])
    await presence.stop()
  })

  it('hands on what a peer says, and answers when it asks', async () => {
    const { presence, told, speak } = setUp()
    await presence.start()
    const wire = new Wire()
    await speak(wire)
    wire.arrive('load')
    wire.arrive('')
    await turn()
    assert.deepEqual(told, ['link', 'link', 'record b load', 'alive b', 'alive b'])
    assert.deepEqual(wire.sent, [''])
    await presence.stop()
  })

  it('asks a node that is quiet, takes the round trip from its answer, and asks no busy one', async () => {
    const { presence, connection, opened, told, pass, join, speak } = setUp()
    await presence.start()
    await join()
    await pass(ASK_AFTER_MS)
    assert.deepEqual(opened[0]?.sent, [''])
    opened[0]?.arrive('')
    await turn()
    assert.deepEqual([told.at(-1), connection.rtt], ['alive b', 0])
    const wire = new Wire()
    await speak(wire)
    for (let i = 0; i < 5; i += 1) {
      await pass(ASK_AFTER_MS - LINK_LOOK_MS)
      wire.arrive('load')
      await turn()
    }
    assert.deepEqual(opened[0]?.sent, [''])
    await presence.stop()
  })

  it('leaves the question to the other end for a while where that has the smaller id', async () => {
    const { presence, opened, pass, join } = setUp('c')
    await presence.start()
    await join()
    await pass(ASK_AFTER_MS)
    assert.deepEqual(opened[0]?.sent, [])
    await pass(SECOND_TO_ASK_MS)
    assert.deepEqual(opened[0]?.sent, [''])
    await presence.stop()
  })

  it('says that a node is silent, that it is there again, and cuts one that stays silent', async () => {
    const { presence, opened, told, state, pass, join } = setUp()
    await presence.start()
    await join()
    await pass(ASK_AFTER_MS + SILENT_AFTER_MS)
    assert.deepEqual([told, state.cut], [['link', 'silent b'], false])
    opened[0]?.arrive('')
    await turn()
    assert.equal(told.at(-1), 'alive b')
    // What it had said is unknown now; it says it again to a new stream.
    assert.equal(opened[0]?.aborted, true)
    await pass(3 * LINK_LOOK_MS)
    assert.equal(opened.length, 2)
    await pass(ASK_AFTER_MS + CUT_AFTER_MS)
    assert.deepEqual([told.filter((text) => text === 'silent b').length, state.cut], [2, true])
    await presence.stop()
  })

  it('blames nobody for the time in which it was held up itself', async () => {
    const { clock, presence, told, state, pass, join } = setUp()
    await presence.start()
    await join()
    await pass(ASK_AFTER_MS)
    clock.heldMs = 10 * CUT_AFTER_MS
    await pass(SILENT_AFTER_MS - LINK_LOOK_MS)
    assert.deepEqual([told, state.cut], [['link'], false])
    await pass(LINK_LOOK_MS)
    assert.equal(told.at(-1), 'silent b')
    await presence.stop()
  })

  it('opens another stream where one has broken, and tries again where none could be had', async () => {
    const { presence, opened, state, pass, join } = setUp()
    await presence.start()
    state.refuses = true
    await join()
    assert.equal(opened.length, 0)
    state.refuses = false
    await pass(3 * LINK_LOOK_MS)
    assert.equal(opened.length, 1)
    opened[0]?.end()
    await turn()
    await pass(3 * LINK_LOOK_MS)
    assert.equal(opened.length, 2)
    assert.equal(presence.say(Buffer.from('x')), 1)
    await presence.stop()
  })

  it('moves to a better way when it asks, and asks there', async () => {
    const { presence, connection, connections, opened, pass, join } = setUp()
    await presence.start()
    await join()
    connections.unshift({ ...connection, rtt: 5 })
    await pass(ASK_AFTER_MS)
    assert.deepEqual([opened.length, opened[0]?.aborted, opened[0]?.sent], [1, true, []])
    await pass(LINK_LOOK_MS)
    assert.deepEqual(opened[1]?.sent, [''])
    await presence.stop()
  })

  it('ends a stream with a message that no honest node sends', async () => {
    const { presence, told, speak } = setUp()
    await presence.start()
    const wire = new Wire()
    await speak(wire)
    wire.arrive('x'.repeat(17))
    await turn()
    assert.deepEqual([told, wire.aborted], [['link', 'link'], true])
    await presence.stop()
  })

  it('forgets a node that is gone, and leaves nothing behind when it stops', async () => {
    const { clock, presence, opened, join, leave } = setUp()
    await presence.start()
    await join()
    leave()
    assert.equal(presence.say(Buffer.from('x')), 0)
    await join()
    await presence.stop()
    assert.equal(clock.pending, 0)
    assert.equal(opened[1]?.aborted, true)
  })
})
