import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { NodeLoad } from '../../../../core/model/load.ts'
import {
  ACCEPTED_RULE,
  AUTHOR_RULE,
  LOAD_REFUSALS,
  MAX_AUTHORS,
  MAX_SKEW_MS,
  NEIGHBOUR_RULE,
} from '../../../../discovery/load/load-limits.ts'
import { type LoadMessage, LoadValidator, type LoadVerdict } from '../../../../discovery/load/load-validator.ts'
import { MAX_LOAD_RECORD_BYTES, openLoad, peekLoad, sealLoad } from '../../../../protocols/load/load-record.ts'
import { fakeLoadCodec, fakeRecord, instant } from '../../../support/load-messages.ts'
import { modelLoad } from '../../../support/routing.ts'
import { volume } from '../../../support/volume.ts'

const T = 1_700_000_000_000

function validator(denied: ReadonlySet<string> = new Set()): LoadValidator {
  return new LoadValidator({ ...fakeLoadCodec, isDenied: (peer) => denied.has(peer) }, { self: 'self', maxBytes: 512 })
}

function load(seq: number, at = T): NodeLoad {
  return { seq, at, draining: false, models: [modelLoad()] }
}

function message(author: string, statement: NodeLoad, neighbour = author): LoadMessage {
  return { author, neighbour, data: fakeRecord(author, statement) }
}

function outcome(verdict: LoadVerdict): string {
  return verdict.kind === 'accept' ? 'accept' : verdict.reason
}

describe('load validator', () => {
  it('accepts a sound record and gives what it says', async () => {
    const verdict = await validator().judge(message('a', load(1), 'b'), instant(T))
    assert.deepEqual(verdict, { kind: 'accept', statement: { node: 'a', load: load(1) } })
  })

  const WRONG: readonly { reason: string; message: LoadMessage; now?: number }[] = [
    { reason: 'denied', message: message('a', load(2), 'shut-out') },
    { reason: 'too-large', message: { author: 'a', neighbour: 'b', data: new Uint8Array(513) } },
    { reason: 'own', message: message('self', load(2), 'b') },
    { reason: 'malformed', message: { author: 'a', neighbour: 'b', data: Buffer.from('{') } },
    { reason: 'wrong-author', message: { author: 'a', neighbour: 'b', data: fakeRecord('c', load(2)) } },
    { reason: 'not-newer', message: message('a', load(1), 'b') },
    { reason: 'not-newer', message: message('a', load(0), 'b') },
    { reason: 'skewed', message: message('a', load(2), 'b'), now: T + MAX_SKEW_MS + 1 },
    { reason: 'skewed', message: message('a', load(2), 'b'), now: T - 2 * 3_600_000 },
    { reason: 'skewed', message: message('a', load(2), 'b'), now: T + 2 * 3_600_000 },
    { reason: 'bad-signature', message: { author: 'a', neighbour: 'b', data: fakeRecord('a', load(2), true) } },
  ]
  for (const { reason, message: wrong, now = T } of WRONG) {
    it(`refuses what is ${reason}${now === T ? '' : ` (${now - T} ms off)`}, and the next sound record still passes`, async () => {
      const judge = validator(new Set(['shut-out']))
      await judge.judge(message('a', load(1)), instant(T))
      assert.equal(outcome(await judge.judge(wrong, instant(now))), reason)
      assert.equal(outcome(await judge.judge(message('a', load(2, now)), instant(now))), 'accept')
    })
  }

  it('has a row for every refusal that the table above shows', () => {
    const shown = new Set(WRONG.map(({ reason }) => reason))
    const byRate = ['over-rate', 'neighbour-over-rate', 'swarm-over-rate']
    assert.deepEqual([...shown, ...byRate].sort(), Object.keys(LOAD_REFUSALS).sort())
  })

  it('takes a record once when copies of it arrive while its signature is being checked', async () => {
    const judge = validator()
    const verdicts = await Promise.all(
      Array.from({ length: 5 }, () => judge.judge(message('a', load(1), 'b'), instant(T))),
    )
    assert.deepEqual(verdicts.map(outcome).sort(), ['accept', ...Array<string>(4).fill('not-newer')])
  })

  it('takes 20 per second and 100 in a burst from an author, and cuts it at its 301st message', async () => {
    const judge = validator()
    const outcomes: string[] = []
    let cutAt = 0
    for (let i = 1; i <= 400 && cutAt === 0; i++) {
      const verdict = await judge.judge(message('a', load(i)), instant(T))
      outcomes.push(outcome(verdict))
      if (verdict.kind === 'refuse' && verdict.cut) cutAt = i
    }
    assert.equal(outcomes.filter((what) => what === 'accept').length, AUTHOR_RULE.burst)
    assert.equal(cutAt, 301)
  })

  it('never cuts an author that keeps to three times its rate after the burst', async () => {
    const judge = validator()
    for (let i = 1; i <= 6_000; i++) {
      const now = T + i * 17 // 58 per second
      const verdict = await judge.judge(message('a', load(i, now)), instant(now))
      assert.ok(verdict.kind === 'accept' || !verdict.cut, `cut at message ${i}`)
    }
  })

  it('does not cut an honest neighbour for authors that flood through it', async () => {
    const judge = validator()
    for (let i = 1; i <= 2_000; i++) {
      const now = T + i * 10
      const verdict = await judge.judge(message(`liar-${i % 5}`, load(i, now), 'honest'), instant(now))
      assert.ok(verdict.kind === 'accept' || !verdict.cut)
    }
  })

  it('does not charge an author for what others replay of it', async () => {
    const judge = validator()
    await judge.judge(message('a', load(1_000)), instant(T))
    for (let i = 1; i <= 150; i++) await judge.judge(message('a', load(i), 'replayer'), instant(T))
    assert.equal(outcome(await judge.judge(message('a', load(1_001)), instant(T))), 'accept')
  })

  it('keeps what it accepts in all below what neighbours tolerate, so that it is never cut for forwarding', async () => {
    assert.ok(ACCEPTED_RULE.perSecond < NEIGHBOUR_RULE.perSecond && ACCEPTED_RULE.burst < NEIGHBOUR_RULE.burst)
    const judge = validator()
    let accepted = 0
    for (let i = 1; i <= 3_000; i++) {
      const verdict = await judge.judge(message(`a${i}`, load(1), `n${i % 50}`), instant(T))
      if (verdict.kind === 'accept') accepted += 1
      else assert.equal(verdict.reason, 'swarm-over-rate')
    }
    assert.equal(accepted, ACCEPTED_RULE.burst)
  })

  it('drops what a neighbour hands over beyond its share, and cuts it at three times that', async () => {
    const judge = validator()
    let cutAt = 0
    for (let i = 1; i <= 5_000 && cutAt === 0; i++) {
      const verdict = await judge.judge(message(`a${i}`, load(1), 'n'), instant(T))
      if (verdict.kind === 'refuse' && verdict.cut) cutAt = i
    }
    assert.equal(cutAt, 3 * NEIGHBOUR_RULE.burst + 1)
  })

  const COPIES = volume(5_000, 100_000)
  it(`accepts none of ${COPIES} replays and mutations of truly signed records, and keeps nothing of them`, async () => {
    const network = { network: 'test' }
    const judge = new LoadValidator(
      { isDenied: () => false, peek: (bytes) => peekLoad(bytes, network), open: (bytes) => openLoad(bytes, network) },
      { self: 'self', maxBytes: MAX_LOAD_RECORD_BYTES },
    )
    const keys = await Promise.all(Array.from({ length: 5 }, () => generateKeyPair('Ed25519')))
    const originals = await Promise.all(
      keys.map(async (key) => ({
        author: peerIdFromPrivateKey(key).toString(),
        data: await sealLoad(load(7), key, network),
      })),
    )
    for (const { author, data } of originals) {
      assert.equal(outcome(await judge.judge({ author, neighbour: author, data }, instant(T))), 'accept')
    }
    const counts: Record<string, number> = {}
    for (let i = 0; i < COPIES; i++) {
      const original = originals[i % originals.length] ?? assert.fail()
      const data = Uint8Array.from(original.data)
      const at = (i * 7919) % data.length
      if (i % 4 !== 0) data[at] = ((data[at] ?? 0) + 1 + ((i * 31) % 255)) % 256
      const message = { author: original.author, neighbour: `n${i % 900}`, data }
      const what = outcome(await judge.judge(message, { monotonic: T + i * 10, wall: T }))
      counts[what] = (counts[what] ?? 0) + 1
    }
    assert.equal(counts['accept'], undefined, JSON.stringify(counts))
    assert.equal(judge.authors, originals.length)
    for (const reason of ['not-newer', 'malformed', 'wrong-author', 'bad-signature', 'skewed']) {
      // Which byte means what follows from the schema: only that each reason occurs is asked.
      assert.ok((counts[reason] ?? 0) > 0, `${reason}: ${JSON.stringify(counts)}`)
    }
  })

  it('keeps sequence numbers long enough that no accepted record can be replayed once its author fell out', () => {
    const windowSeconds = (2 * MAX_SKEW_MS) / 1_000
    assert.ok(MAX_AUTHORS > ACCEPTED_RULE.burst + windowSeconds * ACCEPTED_RULE.perSecond)
  })
})
