/**
 * Everything that reads bytes of a peer, against mutations of what an honest peer sends: each answers or throws a
 * RealmeshError, and nothing grows. A failing run prints its seed; FUZZ_SEED replays it, `npm run fuzz` makes it
 * longer.
 */
import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import type { Query } from '../../../../../core/query/query.ts'
import { RealmeshError } from '../../../../../core/realmesh-error.ts'
import { decodeCard } from '../../../../../protocols/card/card-codec.ts'
import { issueCertificate, verifyCertificate } from '../../../../../protocols/card/federation-certificate.ts'
import { openCard, sealCard } from '../../../../../protocols/card/sealed-card.ts'
import { peekLoad, sealLoad } from '../../../../../protocols/load/load-record.ts'
import { decodeLoadState, encodeLoadState } from '../../../../../protocols/load/load-state.ts'
import { decodeAnswer, decodeFailure } from '../../../../../protocols/query/frames/answer-codec.ts'
import {
  askFrames,
  decodeAsk,
  encodeBody,
  envelopeOf,
  queryOf,
} from '../../../../../protocols/query/frames/ask-codec.ts'
import { EventDecoder } from '../../../../../protocols/query/frames/event-decoder.ts'
import { wireEvents } from '../../../../../protocols/query/frames/event-encoder.ts'
import { FrameSplitter } from '../../../../../protocols/query/frames/framing.ts'
import { Answer } from '../../../../../protocols/query/frames/messages.ts'
import { cardContent } from '../../../../support/card.ts'
import { LOAD } from '../../../../support/libp2p-query-pair.ts'
import { chatQuery } from '../../../../support/query.ts'
import { anyEvent } from '../../../../support/query-events.ts'
import { volume } from '../../../../support/volume.ts'

const RUNS = volume(1_000, 20_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const network = 'test'

/** One change to some bytes. */
type Mutation = readonly [at: number, byte: number, kind: number]

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.double({ min: 0, max: 0.999, noNaN: true }),
  fc.nat(255),
  fc.nat(5),
)

/** Applies changes: a byte set, a bit turned, a byte put in or taken out, the rest cut off, a stretch repeated. */
function mutated(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let all = [...bytes]
  for (const [where, byte, kind] of mutations) {
    const at = Math.floor(where * all.length)
    if (kind === 0) all[at] = byte
    else if (kind === 1) all[at] = (all[at] ?? 0) ^ (1 << (byte & 7))
    else if (kind === 2) all.splice(at, 0, byte)
    else if (kind === 3) all.splice(at, 1)
    else if (kind === 4) all = all.slice(0, at)
    else all.splice(at, 0, ...all.slice(at, at + 16))
  }
  return Uint8Array.from(all)
}

/** Runs `read`; anything but a RealmeshError is a fault. */
function calm(read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RealmeshError)) throw error
  }
}

describe(`mutated frames (seed ${SEED})`, () => {
  const fuzz = (seeds: readonly Uint8Array[], read: (bytes: Uint8Array) => void): void => {
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 6 }), (bytes, mutations) => {
        calm(() => {
          read(mutated(bytes, mutations))
        })
      }),
      { numRuns: RUNS, seed: SEED },
    )
  }

  it('of a query', () => {
    const query = chatQuery({
      body: {
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hé🦙' }] }],
        tools: [{ name: 'f', parameters: {} }],
      },
    })
    const { body: _, type: __, ...envelope } = query
    const said = { mediaType: 'audio/wav', task: 'transcribe', words: true } as const
    const picture = (...data: number[]) => ({ mediaType: 'image/png', data: Uint8Array.from(data) })
    const seen = { type: 'image', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const
    const drawn = { prompt: 'a', image: picture(1, 2), mask: picture(3), references: [picture(4), picture(5, 6)] }
    const others: readonly Query[] = [
      {
        ...envelope,
        type: 'vision',
        body: { messages: [{ role: 'user', content: [seen, { type: 'text', text: 'a' }] }] },
      },
      { ...envelope, type: 'imagine', body: { prompt: 'a', width: 64, count: 2, strength: 0.5, image: picture(1, 2) } },
      { ...envelope, type: 'imagine', body: drawn },
      { ...envelope, type: 'rerank', body: { query: 'q', documents: ['a', 'b'], topN: 1 } },
      { ...envelope, type: 'tokens', body: { ids: [1, 2, 3] } },
      { ...envelope, type: 'transcribe', body: { ...said, audio: Uint8Array.of(1, 2, 3) } },
      { ...envelope, type: 'speak', body: { text: 'a', format: 'mp3', voice: 'nova' } },
    ]
    const frames = [query, ...others].flatMap((each) => [...askFrames(1, each, encodeBody(each))])
    fuzz(frames, (bytes) => {
      new FrameSplitter().push(bytes, (frame) => {
        const ask = decodeAsk(frame)
        const read = queryOf(envelopeOf(ask, 'peer'), ask.body, ask.rawBytes)
        assert.ok(read.hopsLeft <= 1 && read.origin === 'peer')
      })
    })
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })

  it('of an answer', () => {
    const load = encodeLoadState(LOAD, 1_000) as Uint8Array<ArrayBuffer>
    const failure = { code: 'ENGINE_BUSY', message: 'busy', retryable: true, retryAfterMs: 5, fix: 'wait' }
    const frames = fc
      .sample(anyEvent, { numRuns: 60, seed: SEED })
      .map((event) =>
        Answer.encode({ number: 1, events: [...wireEvents(event)].map(({ wire }) => wire), load, failure }),
      )
    fuzz(frames, (bytes) => {
      const answer = decodeAnswer(bytes)
      const decoder = new EventDecoder()
      if (answer.failure !== undefined) assert.ok(decodeFailure(answer.failure) instanceof RealmeshError)
      decodeLoadState(answer.load)
      for (const wire of answer.events) decoder.decode(wire)
    })
  })

  it('of bytes without any form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        calm(() => new FrameSplitter().push(bytes, () => {}))
        calm(() => decodeAsk(bytes))
        calm(() => decodeAnswer(bytes))
        calm(() => decodeLoadState(bytes))
        calm(() => decodeCard(bytes))
        calm(() => peekLoad(bytes, { network }))
      }),
      { numRuns: RUNS, seed: SEED },
    )
  })

  it('of a load record', async () => {
    const sealed = await sealLoad(LOAD, await generateKeyPair('Ed25519'), { network })
    fuzz([sealed], (bytes) => {
      peekLoad(bytes, { network })
    })
  })

  it('of a card and its certificate', async () => {
    const key = await generateKeyPair('Ed25519')
    const certificate = await issueCertificate(key, { network, peerId: 'member', label: 'ours', now: 0 })
    const sealed = await sealCard(cardContent({ certificate }), key)
    const change = fc.array(mutation, { minLength: 1, maxLength: 6 })
    const runs = { numRuns: Math.ceil(RUNS / 2), seed: SEED }
    await fc.assert(
      fc.asyncProperty(change, async (mutations) => {
        await openCard(mutated(sealed, mutations), { network, now: 0 }).catch((error: unknown) => {
          assert.ok(error instanceof RealmeshError, String(error))
        })
      }),
      runs,
    )
    await fc.assert(
      fc.asyncProperty(change, async (mutations) => {
        await verifyCertificate(mutated(certificate, mutations), { network, peerId: 'member', now: 0 })
      }),
      runs,
    )
  })
})
