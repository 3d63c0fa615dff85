/** Why a peer is not reached, or does not serve: each cause by its code. */
import assert from 'node:assert/strict'
import type { QueryEvent } from '../../../../../core/query/query-event.ts'
import { type ErrorCode, RealmeshError } from '../../../../../core/realmesh-error.ts'
import { linkedAbort } from '../../../../../core/run/linked-abort.ts'
import { judgePeer, type PeerFacts } from '../../../../../node/doctor/peer/peer-facts.ts'
import { judgePeers, serversOf, testedPeer } from '../../../../../node/doctor/peer/peers-check.ts'
import { askPeer, judgeAnswer } from '../../../../../node/doctor/peer/test-query.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'
import { chatModel } from '../../../../support/routing.ts'

const ADDRESS = '/ip4/192.0.2.7/tcp/4501'
const WELL: PeerFacts = {
  id: '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8',
  name: 'attic',
  network: 'main',
  connection: { peer: 'p', inbound: false, address: ADDRESS, path: { kind: 'lan', over: 'tcp' }, rttMs: 2 },
  dials: [],
  protocols: ['/realmesh/main/card/1.0.0'],
  card: { version: '0.1.0', share: 'home', models: ['tiny'] },
  relation: 'home',
  scope: 'home',
  load: { paused: false, draining: false, running: 0, slots: 2, queued: 0 },
  breaker: 'closed',
}

type Changes = { readonly [K in keyof PeerFacts]?: PeerFacts[K] | undefined }

function peer(changes: Changes = {}): PeerFacts {
  return Object.fromEntries(
    Object.entries({ ...WELL, ...changes }).filter(([, value]) => value !== undefined),
  ) as unknown as PeerFacts
}

describe('one peer, as the doctor sees it', () => {
  const lost = { connection: undefined, card: undefined, load: undefined, protocols: [] }
  const cases: readonly (readonly [what: string, changes: Changes, codes: readonly string[]])[] = [
    ['serves', {}, ['peer.ok']],
    ['was blocked by the owner', { ...lost, denied: { reason: 'blocked by the owner' } }, ['peer.blocked']],
    ['broke a rule', { ...lost, denied: { reason: 'floods', forMs: 90_000 } }, ['peer.shut-out']],
    ['has no address', lost, ['peer.no-address']],
    ['does not answer', { ...lost, dials: [{ address: ADDRESS, problem: 'no answer' }] }, ['peer.unreached']],
    [
      'is of another network',
      { card: undefined, protocols: ['/realmesh/lab/card/1.0.0', '/ipfs/ping/1.0.0'] },
      ['peer.other-network'],
    ],
    ['speaks another version', { card: undefined, protocols: ['/realmesh/main/card/9.0.0'] }, ['peer.other-protocol']],
    ['is no node of ours', { card: undefined, protocols: ['/ipfs/kad/1.0.0'] }, ['peer.other-protocol']],
    ['shows no card', { card: undefined }, ['peer.no-card']],
    ['has another time', { skewMs: 7_200_000, load: undefined }, ['peer.clock', 'peer.silent']],
    [
      'is out of scope',
      { relation: 'friend', card: { ...WELL.card, share: 'friends' } as never },
      ['peer.out-of-scope'],
    ],
    ['does not share', { relation: 'friend', scope: 'friends' }, ['peer.not-shared']],
    ['says that this node is a stranger to it', { theirs: 'stranger' }, ['peer.not-shared']],
    ['says that this node is a friend', { relation: 'friend', scope: 'friends', theirs: 'home' }, ['peer.ok']],
    ['neither shares nor is in scope', { relation: 'stranger' }, ['peer.out-of-scope', 'peer.not-shared']],
    ['is paused', { load: { ...WELL.load, paused: true, slots: 0 } as never }, ['peer.paused']],
    ['is about to stop', { load: { ...WELL.load, draining: true } as never }, ['peer.draining']],
    ['has no model', { card: { ...WELL.card, models: [] } as never }, ['peer.no-models']],
    ['lacks a model', { model: 'huge' }, ['peer.lacks-model']],
    ['has the model', { model: 'tiny:latest' }, ['peer.ok']],
    ['says nothing', { load: undefined }, ['peer.silent']],
    ['is full', { load: { ...WELL.load, running: 2 } as never }, ['peer.full']],
    ['failed', { breaker: 'open' }, ['peer.failing']],
    [
      'is reached over a relay',
      { connection: { ...WELL.connection, path: { kind: 'relayed', over: 'tcp' } } as never },
      ['peer.relayed', 'peer.ok'],
    ],
    ['was reached now', { dials: [{ address: ADDRESS, tookMs: 4 }] }, ['peer.reached', 'peer.ok']],
  ]
  for (const [what, changes, codes] of cases) {
    it(what, () => {
      const findings = judgePeer(peer(changes))
      assert.deepEqual(
        findings.map(({ code }) => code),
        codes,
      )
      for (const { cause } of findings) assert.match(cause, /attic/)
    })
  }
})

describe('all peers, as the doctor sees them', () => {
  const codes = (all: readonly PeerFacts[]): readonly string[] => judgePeers(all).map(({ code }) => code)

  it('are none, or counted, and those of ours that do not serve are named', () => {
    assert.deepEqual(codes([]), ['peers.none'])
    assert.deepEqual(codes([peer(), peer({ relation: 'stranger' })]), ['peers.ok'])
    const paused = peer({ load: { ...WELL.load, paused: true } as never })
    const [all, trouble] = judgePeers([peer(), paused])
    assert.match(all?.cause ?? '', /2 connected, 2 yours; 1 serve/)
    assert.deepEqual([trouble?.code, trouble?.facts['code']], ['peers.not-served', 'peer.paused'])
  })

  it('need no engines to be well', () => {
    assert.deepEqual(codes([peer({ card: { ...WELL.card, models: [] } as never })]), ['peers.ok'])
  })

  it('are asked the nearest first, and only those that should answer', () => {
    const far = peer({ id: 'far', connection: { ...WELL.connection, rttMs: 90 } as never })
    const full = peer({ id: 'full', load: { ...WELL.load, running: 2 } as never })
    const near = peer({ id: 'near' })
    const strange = peer({ id: 'strange', relation: 'stranger' })
    assert.deepEqual(
      serversOf([far, full, strange, near]).map(({ id }) => id),
      ['near', 'far'],
    )
  })

  it('are asked for a model that chats', () => {
    const chat = { realm: '$CHAT', model: chatModel({ name: 'tiny' }), slots: 1 }
    const draws = {
      realm: '$IMAGINE',
      model: { ...chatModel({ name: 'flux' }), types: ['imagine'] as const },
      slots: 1,
    }
    const large = { ...chat, model: chatModel({ name: 'large' }) }
    assert.equal(testedPeer(WELL, { models: [draws, chat, large] })?.model, 'tiny')
    assert.equal(testedPeer(WELL, { models: [draws, chat, large] }, 'large')?.model, 'large')
    assert.equal(testedPeer(WELL, { models: [draws] }), undefined)
    assert.equal(testedPeer(WELL, undefined), undefined)
  })
})

describe('a test query', () => {
  const tested = { id: WELL.id, name: 'attic', realm: '$CHAT', model: 'tiny', scope: 'home' } as const
  const signal = linkedAbort().signal

  async function* says(...events: readonly object[]): AsyncGenerator<QueryEvent> {
    for (const event of events) yield event as QueryEvent
  }

  it('is over with the first piece of an answer, and costs a token', async () => {
    let asked: unknown
    let ended = false
    const result = await askPeer(tested, {
      clock: new ManualClock(),
      signal,
      run: async function* (query) {
        asked = query.type === 'chat' ? [query.body.sampling?.maxTokens, query.hopsLeft, query.model] : undefined
        try {
          yield* says({ kind: 'queued' }, { kind: 'start' }, { kind: 'text', text: 'ok' }, { kind: 'text', text: '!' })
        } finally {
          ended = true
        }
      },
    })
    assert.deepEqual([result, asked, ended], [{ tookMs: 0 }, [1, 0, 'tiny'], true])
    assert.equal(judgeAnswer(tested, result, true).code, 'query.ok')
  })

  it('is given up when no answer comes', async () => {
    const clock = new ManualClock()
    const asking = askPeer(tested, {
      clock,
      signal,
      run: async function* () {
        await new Promise(() => {})
        yield* says()
      },
    })
    clock.advance(10_000)
    assert.equal(judgeAnswer(tested, await asking, false).code, 'query.slow')
  })

  const REFUSALS: readonly (readonly [ErrorCode, string])[] = [
    ['SHARE_REFUSED', 'peer.not-shared'],
    ['DRAINING', 'peer.draining'],
    ['REALM_OVERLOADED', 'peer.full'],
    ['PROTOCOL_ERROR', 'peer.other-protocol'],
    ['ENGINE_FAILED', 'peer.refused'],
  ]
  for (const [error, code] of REFUSALS) {
    it(`that ends with ${error} is ${code} of that peer, and query.failed of the whole`, async () => {
      const result = await askPeer(tested, {
        clock: new ManualClock(),
        signal,
        run: () => {
          throw new RealmeshError(error, 'no', { fix: 'the fix' })
        },
      })
      assert.equal(judgeAnswer(tested, result, false).code, code)
      const whole = judgeAnswer(tested, result, true)
      assert.deepEqual([whole.code, whole.fix, whole.facts['error']], ['query.failed', 'the fix', error])
    })
  }
})
