/** Engines that hear and speak, each at a stub that answers as the real server was seen to. */
import assert from 'node:assert/strict'
import type { EngineKind } from '../../../core/model/engine-kind.ts'
import type { SpeakQuery, TranscribeQuery } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { SpeakBody, TranscribeBody } from '../../../core/query/sound.ts'
import type { Engine } from '../../../engines/adapter/engine.ts'
import { createEngine } from '../../../engines/engine-kinds.ts'
import { collect } from '../../support/collect.ts'
import { partOf, partsOf, SAID, SOUND_PIECES, UNREADABLE } from '../../support/engines/sound-stubs.ts'
import { type StubKind, startStub } from '../../support/engines/stub-kinds.ts'
import type { StubKnobs } from '../../support/engines/stub-knobs.ts'
import type { StubServer } from '../../support/engines/stub-server.ts'
import { chatQuery } from '../../support/query.ts'

interface SoundKind {
  readonly kind: EngineKind & StubKind
  readonly ears?: string
  readonly mouth?: string
  /** Whether it tells speakers apart. */
  readonly speakers?: boolean
  /** The first voice of its mouth. */
  readonly voice?: string
  readonly format?: SpeakBody['format']
}

const KINDS: readonly SoundKind[] = [
  { kind: 'speaches', ears: 'Systran/faster-whisper-base', mouth: 'speaches-ai/piper-joe', voice: 'joe' },
  { kind: 'kokoro', mouth: 'kokoro', voice: 'af_heart' },
  { kind: 'localai', ears: 'ears', mouth: 'mouth' },
  { kind: 'whisper-cpp', ears: 'whisper-1', speakers: true },
  { kind: 'piper', mouth: 'en_US-joe-medium', voice: 'en_US-joe-medium', format: 'wav' },
]

const { signal: never } = new AbortController()
const recording = (bytes = 'sound'): Uint8Array => new TextEncoder().encode(bytes)

for (const { kind, ears, mouth, voice, speakers = false, format = 'mp3' } of KINDS) {
  describe(`the ${kind} engine, for sound`, () => {
    let stub: StubServer
    let engine: Engine

    const start = async (knobs: Partial<StubKnobs> = {}): Promise<void> => {
      await stub?.stop()
      await engine?.close()
      stub = await startStub(kind, knobs)
      engine = createEngine({ kind, url: stub.url })
      await engine.models({ signal: never })
    }
    beforeEach(() => start())
    afterEach(async () => {
      await engine.close()
      await stub.stop()
    })

    const heard = (body: Partial<TranscribeBody> = {}): TranscribeQuery => {
      const { id, realm, scope, hopsLeft, user } = chatQuery()
      const whole = { audio: recording(), mediaType: 'audio/wav', task: 'transcribe' as const, ...body }
      return { id, realm, scope, hopsLeft, user, type: 'transcribe', model: ears ?? '', body: whole }
    }
    const spoken = (body: Partial<SpeakBody> = {}): SpeakQuery => {
      const { id, realm, scope, hopsLeft, user } = chatQuery()
      return {
        id,
        realm,
        scope,
        hopsLeft,
        user,
        type: 'speak',
        model: mouth ?? '',
        body: { text: 'hello', format, ...body },
      }
    }
    const run = (query: TranscribeQuery | SpeakQuery, signal = never): Promise<QueryEvent[]> =>
      collect(engine.run(query, { signal }))
    const any = (): TranscribeQuery | SpeakQuery => (ears === undefined ? spoken() : heard())
    const lastBody = (): { body: Record<string, unknown> } => {
      const asked = stub.journal.entries.findLast(({ event }) => event === 'start')
      return { body: asked?.body as Record<string, unknown> }
    }

    it('lists what hears and what speaks, with the voices', async () => {
      const models = await engine.models({ signal: never })
      const of = (name: string | undefined) => models.find((model) => model.name === name)
      assert.deepEqual(of(ears)?.types, ears === undefined ? undefined : ['transcribe'])
      assert.deepEqual(of(mouth)?.types, mouth === undefined ? undefined : ['speak'])
      assert.equal(of(mouth)?.voices?.[0], voice)
      assert.ok(!models.some(({ name }) => name === 'silero_vad_v5'))
    })

    it('lives as long as its server does', async () => {
      await engine.probe({ signal: never })
      await stub.stop()
      await assert.rejects(engine.probe({ signal: never }), { code: 'ENGINE_FAILED' })
    })

    it('refuses a conversation before anything is sent', async () => {
      await assert.rejects(collect(engine.run(chatQuery({ model: ears ?? mouth ?? '' }), { signal: never })), {
        code: 'CAPABILITY_MISSING',
      })
      assert.equal(stub.journal.entries.length, 0)
    })

    it('passes on that the server is busy, fails, breaks off or talks nonsense', async () => {
      for (const [fail, code] of [
        ['busy', 'ENGINE_BUSY'],
        ['error', 'ENGINE_FAILED'],
        ['cut', 'ENGINE_FAILED'],
        ['garbage', 'ENGINE_GARBAGE'],
      ] as const) {
        await start({ fail })
        await assert.rejects(run(any()), { code }, fail)
      }
    })

    it('leaves the server when the query is cancelled', async () => {
      await start({ pauseAfter: 0 })
      const life = new AbortController()
      const running = run(any(), life.signal)
      await stub.journal.waitFor('start')
      life.abort()
      await assert.rejects(running, { code: 'CANCELLED' })
      await stub.journal.waitFor('cancel')
    })

    if (ears !== undefined) {
      it('writes down a recording, without the space in front', async () => {
        const events = await run(heard())
        const text = events.map((event) => (event.kind === 'text' ? event.text : '')).join('')
        assert.equal(text, SAID)
        assert.equal(events.at(-1)?.kind, 'end')
        assert.ok(!events.some(({ kind }) => kind === 'segment'))
        assert.equal(partOf(lastBody(), 'file'), 'sound')
      })

      it('tells segments, and the words in them', async () => {
        const events = await run(heard({ segments: true, words: true }))
        const [segment, ...more] = events.filter((event) => event.kind === 'segment')
        assert.deepEqual([segment?.start, segment?.end, segment?.text, more.length], [0, 3.5, ` ${SAID}`, 0])
        assert.deepEqual(
          segment?.words?.map(({ word }) => word),
          SAID.split(' '),
        )
        const end = events.at(-1)
        assert.ok(end?.kind === 'end' && end.heard?.seconds === 4 && /^en/.test(end.heard.language ?? ''))
      })

      it('hands on the language, what stands before, and the temperature', async () => {
        await run(heard({ language: 'de', prompt: 'Namen: Ada', temperature: 0.4 }))
        const asked = ['language', 'prompt', 'temperature'].map((name) => partOf(lastBody(), name))
        assert.deepEqual(asked, ['de', 'Namen: Ada', '0.4'])
      })

      it('translates', async () => {
        const events = await run(heard({ task: 'translate' }))
        assert.equal(events.map((event) => (event.kind === 'text' ? event.text : '')).join(''), SAID)
        const asked = stub.journal.entries.findLast(({ event }) => event === 'start')
        assert.ok(asked?.path?.endsWith('/translations') || partOf(lastBody(), 'translate') === 'true')
      })

      it('tells the server the container and not what its owner calls it', async () => {
        await run(heard({ fileName: 'my secret call.m4a', mediaType: 'application/octet-stream' }))
        const raw = String(lastBody().body['raw'])
        assert.match(raw, /filename="audio\.m4a"/)
        assert.doesNotMatch(raw, /secret/)
      })

      it('blames the recording, not the server, when it cannot be read', async () => {
        await assert.rejects(run(heard({ audio: recording(UNREADABLE) })), { code: 'BAD_REQUEST' })
      })

      it(`${speakers ? 'tells' : 'refuses to tell'} speakers apart`, async () => {
        const running = run(heard({ segments: true, speakers: true }))
        if (!speakers) return await assert.rejects(running, { code: 'CAPABILITY_MISSING', message: /which speaker/ })
        const segment = (await running).find((event) => event.kind === 'segment')
        assert.equal(segment?.speaker, '0')
      })

      it('asks for times only where they are wanted', async () => {
        await run(heard())
        assert.deepEqual(partsOf(lastBody(), 'timestamp_granularities[]'), [])
        assert.notEqual(partOf(lastBody(), 'token_timestamps'), 'true')
      })
    }

    if (mouth !== undefined) {
      it('speaks piece by piece, in the format that was asked for', async () => {
        const events = await run(spoken())
        const sound = events.filter((event) => event.kind === 'audio')
        assert.deepEqual(
          [...new Set(sound.map(({ mediaType }) => mediaType))],
          [format === 'wav' ? 'audio/wav' : 'audio/mpeg'],
        )
        const bytes = Buffer.concat(sound.map(({ data }) => data))
        assert.equal(
          bytes.subarray(-64 * SOUND_PIECES).every((byte) => byte === 1),
          true,
        )
        assert.equal(events.at(-1)?.kind, 'end')
      })

      it('speaks as bare samples, and says how many there are in a second', async () => {
        const sound = (await run(spoken({ format: 'pcm' }))).filter((event) => event.kind === 'audio')
        assert.match(sound[0]?.mediaType ?? '', kind === 'localai' ? /^audio\/pcm/ : /^audio\/pcm;rate=2[24]0[05]0$/)
        assert.deepEqual(Buffer.concat(sound.map(({ data }) => data)), Buffer.alloc(64 * SOUND_PIECES, 1))
      })

      it('speaks faster', async () => {
        await run(spoken({ speed: 2 }))
        const { speed, length_scale: scale } = lastBody().body
        assert.deepEqual([speed ?? 1 / Number(scale)], [2])
      })
    }
  })
}

describe('the speaches engine', () => {
  it('tells which of its models are in memory', async () => {
    const stub = await startStub('speaches')
    const engine = createEngine({ kind: 'speaches', url: stub.url })
    try {
      assert.deepEqual(await engine.load?.({ signal: never }), { warmModels: ['Systran/faster-whisper-base'] })
    } finally {
      await engine.close()
      await stub.stop()
    }
  })
})

describe('the piper engine', () => {
  let stub: StubServer
  let engine: Engine
  beforeEach(async () => {
    stub = await startStub('piper')
    engine = createEngine({ kind: 'piper', url: stub.url })
    await engine.models({ signal: never })
  })
  afterEach(async () => {
    await engine.close()
    await stub.stop()
  })

  const speak = (model: string, body: Partial<SpeakBody>): Promise<QueryEvent[]> => {
    const { id, realm, scope, hopsLeft, user } = chatQuery()
    const query: SpeakQuery = {
      id,
      realm,
      scope,
      hopsLeft,
      user,
      type: 'speak',
      model,
      body: { text: 'x', format: 'wav', ...body },
    }
    return collect(engine.run(query, { signal: never }))
  }

  it('names the formats that there are', async () => {
    await assert.rejects(speak('en_US-joe-medium', { format: 'mp3' }), {
      code: 'CAPABILITY_MISSING',
      message: 'piper speaks as wav or pcm, not as mp3',
    })
  })

  it('refuses a voice that the server would replace without a word', async () => {
    await assert.rejects(speak('en_US-joe-medium', { voice: 'alloy' }), { code: 'CAPABILITY_MISSING' })
    assert.equal(stub.journal.entries.length, 0)
  })

  it('speaks with one of a voice’s speakers', async () => {
    await speak('en_GB-vctk-medium', { voice: 'p236' })
    assert.deepEqual(stub.journal.entries.at(-1)?.body, { text: 'x', voice: 'en_GB-vctk-medium', speaker: 'p236' })
  })
})
