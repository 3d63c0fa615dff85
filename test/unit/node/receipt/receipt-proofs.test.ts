import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Query } from '../../../../core/query/query.ts'
import type { EndEvent, QueryEvent } from '../../../../core/query/query-event.ts'
import type { ServedPart, Verified } from '../../../../core/query/receipt.ts'
import { relayedRun } from '../../../../core/run/relayed-run.ts'
import { ed25519Signer } from '../../../../node/receipt/ed25519-signer.ts'
import { signServedParts } from '../../../../node/receipt/part-signature.ts'
import { ReceiptProofs } from '../../../../node/receipt/receipt-proofs.ts'
import { SeenAnswer } from '../../../../node/receipt/seen-answer.ts'
import { addServedPart } from '../../../../node/receipt/served-part.ts'
import { RouteJournal } from '../../../../node/route/route-journal.ts'
import { EventDecoder } from '../../../../protocols/query/frames/event-decoder.ts'
import { wireEvents } from '../../../../protocols/query/frames/event-encoder.ts'
import { collect } from '../../../support/collect.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const key = await generateKeyPair('Ed25519')
const signer = ed25519Signer(key)
const PEER = peerIdFromPrivateKey(key).toString()
const query = chatQuery()
const TEXTS = ['one', ' two', ' três', ' 😀']

/** What the serving node sends; `lie` changes what it signs, `tell` what it sends. */
async function served(lie: (part: ServedPart) => ServedPart = (part) => part): Promise<QueryEvent[]> {
  const add = addServedPart(() => 0)
  const play = async function* (): AsyncGenerator<QueryEvent> {
    yield { kind: 'start', node: PEER, worker: 'w', engine: 'ollama', model: 'tiny' }
    for (const text of TEXTS) yield { kind: 'text', text, tokens: 40 }
    const by = {
      digest: 'd',
      sent: { temperature: 0, stop: 2 },
      defaults: { repeat_penalty: 1.1, samplers: 'top_k,min_p' },
    }
    yield { kind: 'end', finishReason: 'stop', by, usage: { promptTokens: 9, completionTokens: 160 } }
  }
  const events = await collect(
    relayedRun({
      begin: play,
      onEvent: (event) => add(event),
      onDone: () => undefined,
      onError: (thrown) => {
        throw thrown
      },
      onClosed: () => {},
    }),
  )
  return events.map((event) => {
    if (event.kind !== 'end' || event.served === undefined) return event
    const [part] = signServedParts([{ id: query.id, part: lie(event.served) }], signer)
    assert.ok(part)
    return { ...event, served: part }
  })
}

/** The events behind the wire. */
function sent(events: readonly QueryEvent[]): QueryEvent[] {
  const decoder = new EventDecoder()
  return events.flatMap((event) => [...wireEvents(event)].flatMap(({ wire }) => decoder.decode(wire) ?? []))
}

function proofs(random = 0.99) {
  const wrong: string[] = []
  const lines: object[] = []
  const made = new ReceiptProofs(
    {
      signer,
      random: () => random,
      log: { warn: (fields: object) => lines.push(fields) },
      onWrong: (_, node) => wrong.push(node),
    },
    { self: 'me' },
  )
  return { made, wrong, lines }
}

function seenEnd(events: readonly QueryEvent[], asked: Query = query, peer = PEER) {
  const seen = new SeenAnswer(asked, peer)
  const end = events.at(-1)
  assert.ok(end?.kind === 'end')
  for (const event of events.slice(0, -1)) seen.saw(event)
  return seen.ended(end)
}

function verdict(events: readonly QueryEvent[], random = 0): Verified | undefined {
  const { end, contradicted } = seenEnd(events)
  assert.ok(end.served)
  return proofs(random).made.taken(query.id, PEER, end.served, contradicted)
}

describe('what a peer signed', () => {
  it('is proved as it comes from the wire', async () => {
    assert.equal(verdict(sent(await served())), 'yes')
  })

  it('is wrong when it does not fit what came, without a look at the signature', async () => {
    const lies: Partial<ServedPart>[] = [
      { answerHash: 'aa' },
      { pieceHashes: '' },
      { model: 'large' },
      { worker: 'x' },
      { engine: 'x' },
      { node: 'x' },
    ]
    for (const lie of lies) {
      assert.equal(verdict(sent(await served((part) => ({ ...part, ...lie }))), 0.99), 'wrong', JSON.stringify(lie))
    }
    const cut = sent(await served()).toSpliced(2, 1)
    assert.equal(verdict(cut, 0.99), 'wrong')
  })

  it('is wrong when it was changed after it was signed, which one look in sixteen shows', async () => {
    const changed = sent(await served()).map((event) =>
      event.kind === 'end' && event.served !== undefined
        ? { ...event, served: { ...event.served, completionTokens: 1 } }
        : event,
    )
    assert.equal(verdict(changed, 0.0624), 'wrong')
    assert.equal(verdict(changed, 0.0626), undefined)
  })

  it('is neither proved nor wrong when it is unsigned or of another version', async () => {
    for (const version of [1, 3]) {
      const other = sent(await served((part) => ({ ...part, version, answerHash: 'made otherwise' })))
      assert.equal(verdict(other), 'no')
    }
    const unsigned = sent(await served()).map((event) => {
      if (event.kind !== 'end' || event.served === undefined) return event
      const { signature: _, ...part } = event.served
      return { ...event, served: part }
    })
    assert.equal(verdict(unsigned), 'no')
  })

  it('is named by the log once per peer', async () => {
    const { made, lines } = proofs()
    const { end } = seenEnd(sent(await served()))
    assert.ok(end.served)
    for (let i = 0; i < 3; i += 1) made.taken(query.id, PEER, end.served, true)
    assert.deepEqual(lines, [{ peer: PEER }])
  })
})

describe('the counts of a peer', () => {
  const usageOf = (claimed: number, asked: Query = query): EndEvent['usage'] => {
    const usage = { promptTokens: claimed, completionTokens: claimed }
    return seenEnd(
      [
        { kind: 'text', text: 'é'.repeat(100) },
        { kind: 'end', finishReason: 'stop', usage },
      ],
      asked,
    ).end.usage
  }

  it('are believed as far as they can be', () => {
    assert.deepEqual(usageOf(150), { promptTokens: 150, completionTokens: 150 })
  })

  it('are capped by the bytes of what was sent and seen, a template and hidden marks aside', () => {
    const { promptTokens = 0, completionTokens } = usageOf(4_000_000_000) ?? {}
    assert.equal(completionTokens, 200 + 64)
    assert.ok(promptTokens < 4_096 + 200, String(promptTokens))
    const long = chatQuery({ body: { messages: [{ role: 'user', content: 'é'.repeat(10_000) }] } })
    const more = usageOf(4_000_000_000, long)?.promptTokens ?? 0
    assert.ok(more >= 20_000 + 4_096 && more < 20_000 + 4_200, String(more))
  })
})

describe('a receipt that is read', () => {
  async function receiptWith(events: readonly QueryEvent[], node = PEER) {
    const journal = new RouteJournal(query, new ManualClock())
    const attempt = journal.attempt(node)
    for (const event of events) attempt.saw(event)
    attempt.ended('served')
    return journal.receipt('served')
  }

  it('has its own parts signed and those of others verified', async () => {
    const { made } = proofs()
    const own = made.proved(await receiptWith(sent(await served()).map(unsigned), 'me'))
    assert.equal(own.verified, 'yes')
    assert.ok(own.attempts[0]?.served?.signature)
    const theirs = made.proved(await receiptWith(sent(await served())))
    assert.deepEqual([theirs.verified, theirs.attempts[0]?.verified], ['yes', 'yes'])
  })

  it('blames a wrong signature once, however often it is read', async () => {
    const { made, wrong } = proofs()
    const receipt = await receiptWith(sent(await served()).map(changed))
    for (let i = 0; i < 3; i += 1) assert.equal(made.proved(receipt).verified, 'wrong')
    assert.deepEqual(wrong, [PEER])
  })

  it('is not proved where a part of the answer is told by nobody', async () => {
    const { made, wrong } = proofs()
    const receipt = await receiptWith(sent(await served()))
    const [attempt] = receipt.attempts
    assert.ok(attempt)
    const broken = { node: PEER, startedMs: 0, tookMs: 1, events: 3, outcome: 'PEER_LOST' as const }
    assert.equal(made.proved({ ...receipt, attempts: [broken, attempt] }).verified, 'no')
    assert.equal(made.proved({ ...receipt, attempts: [{ ...broken, events: 0 }, attempt] }).verified, 'yes')
    assert.equal(made.proved({ ...receipt, outcome: 'cancelled' }).verified, 'no')
    assert.deepEqual(wrong, [])
  })

  function unsigned(event: QueryEvent): QueryEvent {
    if (event.kind !== 'end' || event.served === undefined) return event
    const { signature: _, ...part } = event.served
    return { ...event, served: { ...part, node: 'me' } }
  }

  function changed(event: QueryEvent): QueryEvent {
    if (event.kind !== 'end' || event.served === undefined) return event
    return { ...event, served: { ...event.served, promptTokens: 1 } }
  }
})
