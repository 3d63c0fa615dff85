import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import type { DhtName } from '../../../../discovery/dht/dht-keys.ts'
import type { LookupOptions } from '../../../../discovery/dht/dht-lookup.ts'
import {
  AGAIN_MS,
  MAX_MET,
  ModelSearch,
  NOTHING_FOUND_MS,
  SEARCH_MS,
  SEARCH_RULE,
  type SearchOutcome,
} from '../../../../discovery/dht/model-search.ts'
import { settled } from '../../../support/fake-libp2p.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

/** A look-up that the test answers. */
interface FakeLookup extends LookupOptions {
  readonly name: DhtName
  /** Is over; peers have answered each walk. */
  readonly end: () => void
  /** Is over; one walk at least was not answered. */
  readonly leave: () => void
}

interface Meeting {
  readonly id: string
  readonly signal: AbortSignal
  readonly end: () => void
}

function setUp() {
  const clock = new ManualClock(0)
  const lookups: FakeLookup[] = []
  const meetings: Meeting[] = []
  const known = new Set<string>()
  const state: { peers: boolean; known: readonly string[] } = { peers: true, known: [] }
  const search = new ModelSearch({
    clock,
    log: silentLogger,
    hasPeers: () => state.peers,
    known: () => state.known.map((id) => ({ id, addresses: [] })),
    lookup: {
      all: (name, options) =>
        new Promise((settle) => {
          lookups.push({ ...options, name, end: () => settle(true), leave: () => settle(false) })
        }),
    },
    meet: ({ id }, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          known.add(id)
          resolve()
        }
        meetings.push({ id, signal, end })
      }),
  })
  const ask = (model: string, needs = 'rig', signal = new AbortController().signal): Promise<SearchOutcome> =>
    search.search(model, { signal, until: () => known.has(needs) })
  const hint = (lookup: number, ...ids: readonly string[]): void => {
    for (const [i, id] of ids.entries()) lookups[lookup]?.onHint({ id, addresses: [] }, i % 16)
  }
  return { clock, lookups, meetings, known, state, search, ask, hint }
}

describe('search for a model', () => {
  it('meets nodes that are known to serve it before the network has named any', async () => {
    const { state, meetings, ask } = setUp()
    state.known = ['rig']
    const outcome = ask('tiny')
    await settled()
    assert.deepEqual(
      meetings.map(({ id }) => id),
      ['rig'],
    )
    meetings[0]?.end()
    assert.equal(await outcome, 'found')
  })

  it('ends as soon as the caller has what it needs, and stops asking then', async () => {
    const { clock, lookups, meetings, ask, hint } = setUp()
    const outcome = ask('Tiny:latest')
    assert.deepEqual(lookups[0]?.name, { kind: 'model', name: 'tiny' })
    assert.equal(lookups[0]?.limitMs, SEARCH_MS)
    hint(0, 'other', 'rig')
    await settled()
    meetings[0]?.end()
    await settled()
    assert.equal(lookups[0]?.signal.aborted, false, 'the first one was of no use')
    meetings[1]?.end()
    assert.equal(await outcome, 'found')
    await settled()
    assert.equal(lookups[0]?.signal.aborted, true)
    assert.equal(clock.pending, 0)
  })

  it('is one for all who wait for the same model, each until its own need is met', async () => {
    const { lookups, meetings, ask, hint } = setUp()
    const outcomes = [ask('tiny', 'a'), ask('tiny:latest', 'b'), ask('TINY', 'c')]
    assert.equal(lookups.length, 1)
    hint(0, 'a', 'b')
    await settled()
    for (const { end } of meetings) end()
    assert.deepEqual(await Promise.all(outcomes.slice(0, 2)), ['found', 'found'])
    lookups[0]?.end()
    assert.equal(await outcomes[2], 'nothing')
  })

  it('is over when the DHT and all who were named have answered, or its time is up', async () => {
    const { clock, lookups, meetings, ask, hint } = setUp()
    const answered = ask('a')
    hint(0, 'x')
    lookups[0]?.end()
    await settled()
    meetings[0]?.end()
    assert.equal(await answered, 'nothing')
    const silent = ask('b')
    clock.advance(SEARCH_MS)
    assert.equal(await silent, 'nothing')
    assert.equal(lookups[1]?.signal.aborted, true)
  })

  it('does not look again for what it did not find, for a moment', async () => {
    const { clock, lookups, ask } = setUp()
    const first = ask('a')
    lookups[0]?.end()
    assert.equal(await first, 'nothing')
    clock.advance(NOTHING_FOUND_MS - 1)
    assert.equal(await ask('A:latest'), 'lately')
    clock.advance(1)
    void ask('a')
    assert.equal(lookups.length, 2)
  })

  it('does not take silence for an answer', async () => {
    const { clock, lookups, ask } = setUp()
    const silent = ask('a')
    assert.equal(lookups[0]?.againMs, AGAIN_MS)
    lookups[0]?.leave()
    assert.equal(await silent, 'nothing')
    const late = ask('a')
    assert.equal(lookups.length, 2, 'nobody said that there is nothing')
    clock.advance(SEARCH_MS)
    assert.equal(await late, 'nothing')
    void ask('a')
    assert.equal(lookups.length, 3)
  })

  it('is bounded: a flood of wrong names stays in the node', async () => {
    const { clock, lookups, ask } = setUp()
    const outcomes = Array.from({ length: 100 }, (_, i) => ask(`m${i}`))
    assert.equal(lookups.length, SEARCH_RULE.burst)
    assert.deepEqual(new Set(await Promise.all(outcomes.slice(SEARCH_RULE.burst))), new Set(['none']))
    clock.advance(1_000 / SEARCH_RULE.perSecond)
    void ask('later')
    assert.equal(lookups.length, SEARCH_RULE.burst + 1)
  })

  it('ends when the last query that waits for it is cancelled, not before', async () => {
    const { lookups, ask } = setUp()
    const [one, two] = [new AbortController(), new AbortController()]
    const outcomes = [ask('a', 'rig', one.signal), ask('a', 'rig', two.signal)]
    one.abort('left')
    await assert.rejects(outcomes[0] ?? assert.fail(), (reason) => reason === 'left')
    assert.equal(lookups[0]?.signal.aborted, false)
    two.abort('left')
    await assert.rejects(outcomes[1] ?? assert.fail(), (reason) => reason === 'left')
    assert.equal(lookups[0]?.signal.aborted, true)
    // A search that was left has found nothing out: the next query begins one of its own at once.
    void ask('a')
    assert.equal(lookups.length, 2)
  })

  it('meets a bounded number of those that are named, a few at a time', async () => {
    const { meetings, ask, hint } = setUp()
    void ask('a')
    hint(0, ...Array.from({ length: 200 }, (_, i) => `p${i}`), 'p0')
    await settled()
    assert.equal(meetings.length, 4)
    for (let i = 0; i < meetings.length; i += 1) {
      meetings[i]?.end()
      await settled()
    }
    assert.equal(meetings.length, MAX_MET)
  })

  it('leaves room for what other keys name, whatever liars around one key name first', async () => {
    const { lookups, meetings, ask, known } = setUp()
    const outcome = ask('a')
    for (let i = 0; i < 200; i += 1) lookups[0]?.onHint({ id: `liar${i}`, addresses: [] }, 3)
    await settled()
    assert.equal(meetings.length, 2, 'dials that never end')
    lookups[0]?.onHint({ id: 'rig', addresses: [] }, 8)
    await settled()
    assert.equal(meetings[2]?.id, 'rig')
    assert.equal(known.size, 0)
    meetings[2]?.end()
    assert.equal(await outcome, 'found')
  })

  it('meets a node by the word of a second key, where the first one may have lied', async () => {
    const { lookups, meetings, ask } = setUp()
    void ask('a')
    for (const bucket of [3, 3, 8, 9]) lookups[0]?.onHint({ id: 'rig', addresses: [] }, bucket)
    await settled()
    assert.deepEqual(
      meetings.map(({ id }) => id),
      ['rig', 'rig'],
    )
  })

  it('asks nobody while the node is alone or stops', async () => {
    const { lookups, state, search, ask } = setUp()
    state.peers = false
    assert.equal(await ask('a'), 'none')
    state.peers = true
    const waiting = ask('a')
    await search.stop()
    assert.equal(await waiting, 'nothing')
    assert.equal(await ask('b'), 'none')
    assert.equal(lookups.length, 1)
    await search.start()
    void ask('a')
    assert.equal(lookups.length, 2)
  })
})
