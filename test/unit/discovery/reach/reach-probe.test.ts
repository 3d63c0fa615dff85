import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { PROBE_MS, ReachProbe } from '../../../../discovery/reach/reach-probe.ts'
import type { Dialable } from '../../../../discovery/reach/verdicts.ts'
import type { Zone } from '../../../../discovery/reach/zone.ts'
import type { ReachAnswer } from '../../../../protocols/reach/ask.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { PeersMet, settled } from '../../../support/peers-met.ts'

const PROTOCOL = '/reach'
const COULD: ReachAnswer = { seen: '203.0.113.9', tried: true, port: 4501 }
const [LAN, PUBLIC, ELSEWHERE] = ['/ip4/192.168.1.7/tcp/1', '/ip4/198.51.100.7/tcp/1', '/ip4/198.51.101.7/tcp/1']

async function setUp() {
  const clock = new ManualClock()
  const libp2p = new PeersMet()
  const verdict: Record<Zone, Dialable> = { public: 'unknown', private: 'unknown', machine: 'unknown' }
  const seen = { asked: [] as string[], noted: [] as unknown[], answers: 0, trusted: '' }
  /** What the next ones answer, each once; could dial it where there is none. */
  const answers: (() => Promise<ReachAnswer>)[] = []
  const signals: { readonly aborted: boolean }[] = []
  const probe = new ReachProbe(
    {
      libp2p,
      clock,
      log: silentLogger,
      verdicts: { of: (zone) => verdict[zone], noteTried: (tried) => seen.noted.push(tried) },
      ask: async (connection, signal) => {
        seen.asked.push(libp2p.nameOf(connection.remotePeer))
        signals.push(signal)
        return (await answers.shift()?.()) ?? COULD
      },
      isTrusted: (peer) => libp2p.nameOf(peer) === seen.trusted,
      onAnswer: () => {
        seen.answers += 1
      },
    },
    { protocol: PROTOCOL, rng: () => 0.5 },
  )
  await probe.start()
  const meet = async (name: string, at: string, direct = true): Promise<void> => {
    await libp2p.connect(name, { at, direct })
    libp2p.identify(name, PROTOCOL)
    await settled()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }
  return { clock, libp2p, verdict, seen, answers, signals, probe, meet, pass }
}

describe('peers are asked whether they can dial this node', () => {
  it('the first of them at once, the next only when it is due', async () => {
    const { seen, meet, pass, verdict } = await setUp()
    await meet('one', PUBLIC)
    await meet('two', ELSEWHERE)
    assert.deepEqual(seen.asked, ['one'])
    verdict.public = 'yes'
    await pass(PROBE_MS.no)
    assert.deepEqual(seen.asked, ['one'])
    await pass(PROBE_MS.yes)
    assert.deepEqual(seen.asked, ['one', 'two'], 'the one that was not asked yet')
  })

  it('sooner after a doubt than after a proof', async () => {
    const { seen, meet, pass, verdict } = await setUp()
    await meet('one', PUBLIC)
    verdict.public = 'no'
    await pass(PROBE_MS.no + PROBE_MS.unknown)
    assert.deepEqual(seen.asked, ['one', 'one'])
  })

  it('one in each zone, as they are two questions', async () => {
    const { seen, meet } = await setUp()
    await meet('near', LAN)
    await meet('far', PUBLIC)
    await meet('here', '/ip4/127.0.0.1/tcp/1')
    assert.deepEqual(seen.asked, ['near', 'far'])
  })

  it('but not over a relay, nor those that do not speak of it', async () => {
    const { seen, meet, libp2p, probe } = await setUp()
    await meet('relayed', PUBLIC, false)
    await libp2p.connect('other', { at: PUBLIC })
    probe.probe()
    await settled()
    assert.deepEqual(seen.asked, [])
  })

  it('not twice while the first thinks', async () => {
    const { seen, meet, answers, pass } = await setUp()
    const slow = Promise.withResolvers<ReachAnswer>()
    answers.push(() => slow.promise)
    await meet('one', PUBLIC)
    await pass(PROBE_MS.unknown * 3)
    assert.deepEqual(seen.asked, ['one'])
    slow.resolve(COULD)
    await settled()
    assert.equal(seen.answers, 1)
  })

  it('and what they say is noted with where they are, and whether they are trusted', async () => {
    const { seen, meet } = await setUp()
    seen.trusted = 'one'
    await meet('one', PUBLIC)
    assert.deepEqual(
      seen.noted.map((tried) => ({ ...(tried as object), from: String((tried as { from: unknown }).from) })),
      [{ seen: '203.0.113.9', port: 4501, from: PUBLIC, trusted: true }],
    )
  })

  it('nothing is noted of one that did not try, or fails; the next is asked', async () => {
    const { seen, meet, answers, pass } = await setUp()
    answers.push(
      async () => ({ ...COULD, tried: false }),
      () => Promise.reject(new Error('the connection broke')),
    )
    await meet('one', PUBLIC)
    await meet('two', ELSEWHERE)
    await pass(PROBE_MS.unknown * 2)
    assert.deepEqual([seen.asked, seen.noted.length, seen.answers], [['one', 'two'], 0, 2])
  })

  it('nothing any more when the node stops', async () => {
    const { seen, meet, answers, signals, probe, clock } = await setUp()
    const slow = Promise.withResolvers<ReachAnswer>()
    answers.push(() => slow.promise)
    await meet('one', PUBLIC)
    await probe.stop()
    assert.equal(signals[0]?.aborted, true)
    slow.resolve(COULD)
    await settled()
    assert.deepEqual([seen.noted.length, clock.pending], [0, 0])
  })
})
