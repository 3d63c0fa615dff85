import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { Clock } from '../../../core/run/clock.ts'
import { Libp2pLinks } from '../../../discovery/links/libp2p-links.ts'
import { encodeLoadState } from '../../../protocols/load/load-state.ts'
import { QueryClient, type QueryClientInit } from '../../../protocols/query/asking/client.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import { admits } from '../../support/admits.ts'
import { collect } from '../../support/collect.ts'
import { libp2pPair } from '../../support/libp2p-node.ts'
import { LOAD } from '../../support/libp2p-query-pair.ts'
import { RawLane, serveRaw } from '../../support/libp2p-raw-lane.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { chatQuery } from '../../support/query.ts'
import { until } from '../../support/until.ts'

const START = { start: { node: 'n', worker: 'w', engine: 'e', model: 'm' } }
const load = encodeLoadState(LOAD, 1_000) as Uint8Array<ArrayBuffer>

describe('life and time on a lane', () => {
  let asker: Libp2p
  let node: Libp2p
  let clock: ManualClock
  let client: QueryClient | undefined
  /** What the client was told of load: the sign that it has read a frame. */
  let heard: () => void

  beforeEach(async () => {
    ;[asker, node] = await libp2pPair()
    clock = new ManualClock()
    heard = () => {}
  })

  afterEach(async () => {
    await client?.stop()
    client = undefined
    assert.equal(clock.pending, 0)
    await asker.stop()
    await node.stop()
  })

  const ask = (init: Partial<QueryClientInit> = {}, own: Clock = clock): AsyncIterator<QueryEvent> => {
    client = new QueryClient(
      { links: new Libp2pLinks({ libp2p: asker }), onLoad: () => heard(), clock: own },
      { network: 'test', ...init },
    )
    const { signal } = new AbortController()
    return client.run(node.peerId.toString())(chatQuery(), { signal })[Symbol.asyncIterator]()
  }

  /** A peer whose frames the test sends; resolves when a query has arrived there. */
  const manualPeer = (): Promise<RawLane> =>
    new Promise((resolve, reject) => {
      serveRaw(node, (lane) => {
        lane.nextAsk().then(() => {
          resolve(lane)
        }, reject)
      }).catch(reject)
    })

  /** Sends a frame and waits until the client has read it. */
  const beat = async (lane: RawLane, fields: Parameters<RawLane['answer']>[0] = {}): Promise<void> => {
    const read = new Promise<void>((resolve) => {
      heard = resolve
    })
    lane.answer({ ...fields, load })
    await read
    // The frame's events go to a consumer that asks for more, which the client notes in later microtasks.
    await new Promise(setImmediate)
  }

  it('takes a peer that falls silent for lost', async () => {
    const peer = manualPeer()
    const first = ask().next()
    const lost = assert.rejects(first, { code: 'PEER_LOST', retryable: true })
    await beat(await peer)
    clock.advance(1_400)
    clock.advance(200)
    await lost
  })

  it('waits for a slow engine while heartbeats come', async () => {
    const peer = manualPeer()
    const events = ask()
    const first = events.next()
    const lane = await peer
    for (let i = 0; i < 20; i += 1) {
      await beat(lane)
      clock.advance(1_000)
    }
    lane.answer({ events: [{ text: 'at last' }] })
    assert.deepEqual((await first).value, { kind: 'text', text: 'at last' })
    await events.return?.()
  })

  it('ends the wait for a first event with TIMEOUT, heartbeats or not', async () => {
    const peer = manualPeer()
    const first = ask({ firstEventTimeoutMs: 3_000 }).next()
    const late = assert.rejects(first, { code: 'TIMEOUT', retryable: true })
    const lane = await peer
    for (let i = 0; i < 3; i += 1) {
      await beat(lane)
      clock.advance(1_000)
    }
    await late
  })

  it('begins the wait anew when the query is queued or taken up', async () => {
    const peer = manualPeer()
    const events = ask({ firstEventTimeoutMs: 3_000 })
    const first = events.next()
    const lane = await peer
    clock.advance(1_000)
    await beat(lane)
    clock.advance(1_000)
    await beat(lane, { events: [START] })
    assert.equal((await first).value?.kind, 'start')
    const second = events.next()
    for (let i = 0; i < 2; i += 1) {
      clock.advance(1_000)
      await beat(lane)
    }
    lane.answer({ events: [{ text: 'in time' }] })
    assert.equal((await second).value?.kind, 'text')
    await events.return?.()
  })

  it('ends a pause within an answer with TIMEOUT', async () => {
    const peer = manualPeer()
    const events = ask({ betweenEventsTimeoutMs: 2_000 })
    const first = events.next()
    const lane = await peer
    await beat(lane, { events: [{ text: 'hello' }] })
    await first
    const late = assert.rejects(events.next(), { code: 'TIMEOUT' })
    await new Promise(setImmediate)
    clock.advance(1_000)
    await beat(lane)
    clock.advance(1_000)
    await late
  })

  it('blames nobody while its own consumer takes its time', async () => {
    const peer = manualPeer()
    const events = ask()
    const first = events.next()
    const lane = await peer
    lane.answer({ events: [{ text: 'a' }] })
    await first
    clock.advance(3_600_000)
    lane.answer({ events: [{ text: 'b' }] })
    assert.deepEqual((await events.next()).value, { kind: 'text', text: 'b' })
    await events.return?.()
  })

  it('blames nobody for a stall of this process', async () => {
    const peer = manualPeer()
    const stalling = new StallingClock()
    const events = ask({}, stalling)
    const first = events.next()
    const lane = await peer
    await beat(lane)
    stalling.stall(10_000)
    lane.answer({ events: [{ text: 'still here' }] })
    assert.equal((await first).value?.kind, 'text')
    await events.return?.()
    await client?.stop()
  })

  it('drops what a lost peer sends late', async () => {
    const peer = manualPeer()
    const events = ask()
    const first = events.next()
    const lane = await peer
    const lost = assert.rejects(first, { code: 'PEER_LOST' })
    await beat(lane)
    clock.advance(1_600)
    await lost
    assert.ok((await lane.closed) instanceof Error)
    assert.equal((await events.next()).done, true)
  })

  it('has its server say that it lives when nothing else was sent', async () => {
    const serverClock = new ManualClock()
    const server = new QueryServer(
      {
        links: new Libp2pLinks({ libp2p: node }),
        load: () => LOAD,
        clock: serverClock,
        admit: admits(async function* (_, { signal }) {
          yield { kind: 'text', text: 'a' }
          await new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(undefined))
          })
        }),
      },
      { network: 'test' },
    )
    await server.start()
    const lane = await RawLane.dial(asker, node)
    lane.ask()
    const head = await lane.nextAnswer()
    assert.deepEqual(head.events, [{ text: 'a' }])
    assert.ok(head.load.byteLength > 0)
    for (let i = 0; i < 3; i += 1) {
      serverClock.advance(500)
      const beat = await lane.nextAnswer()
      assert.deepEqual([beat.number, beat.events, beat.failure], [1, [], undefined])
    }
    await server.stop()
    await lane.closed
    assert.equal(serverClock.pending, 0)
  })

  it('closes lanes that rested long, on the asker’s side first', async () => {
    const server = new QueryServer(
      {
        links: new Libp2pLinks({ libp2p: node }),
        load: () => LOAD,
        admit: admits(async function* () {
          yield { kind: 'end', finishReason: 'stop' }
        }),
      },
      { network: 'test' },
    )
    await server.start()
    const events = ask()
    await collect({ [Symbol.asyncIterator]: () => events })
    assert.equal(server.stats().lanes, 1)
    clock.advance(70_000)
    await until('no lane', () => server.stats().lanes === 0)
    assert.equal(clock.pending, 0)
    await server.stop()
  })
})

/** A clock whose process can stand still: timers then run late, as they do in a blocked event loop. */
class StallingClock implements Clock {
  #now = 0
  #timers: { due: number; task: () => void }[] = []

  wall(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, task: () => void): () => void {
    const timer = { due: this.#now + ms, task }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  stall(ms: number): void {
    this.#now += ms
    for (const timer of this.#timers.filter(({ due }) => due <= this.#now)) {
      this.#timers = this.#timers.filter((other) => other !== timer)
      timer.task()
    }
  }
}
