/** Hearing and speaking at the gateway, by the `openai` package and by hand. */
import assert from 'node:assert/strict'
import OpenAI, { toFile } from 'openai'
import { MAX_AUDIO_BYTES } from '../../../core/query/query-limits.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { aborted } from '../../support/aborted.ts'
import { FAKE_START, failing, listedModel, scripted } from '../../support/fake-node.ts'
import { HEARD_TEXT, simulatedScript } from '../../support/simulated-engine.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const MODEL = 'all'

describe('the openai package, with recordings and speech', () => {
  let started: StartedGateway
  let client: OpenAI
  beforeEach(async () => {
    started = await startGateway()
    const plain = listedModel(MODEL)
    const model = { ...plain.model, types: ['transcribe', 'speak'] as const, voices: ['alloy', 'nova'] }
    started.node.listed = [{ ...plain, model }, listedModel('chats')]
    started.node.script = simulatedScript
    client = new OpenAI({ baseURL: `${started.gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  })
  afterEach(() => started.gateway.stop())

  const file = () => toFile(Buffer.from('sound'), 'Talk with Ada.MP3', { type: 'audio/mpeg' })

  it('gets a transcript, of which the node sees all that was said of it but its name', async () => {
    const heard = await client.audio.transcriptions.create({
      model: MODEL,
      file: await file(),
      language: 'de',
      prompt: 'Ada',
      temperature: 0.5,
    })
    assert.equal(heard.text, HEARD_TEXT)
    assert.deepEqual(started.node.asked[0]?.body, {
      audio: Buffer.from('sound'),
      mediaType: 'audio/mpeg',
      fileName: 'recording.mp3',
      task: 'transcribe',
      language: 'de',
      prompt: 'Ada',
      temperature: 0.5,
    })
  })

  it('gets it as text, and as subtitles that are made here', async () => {
    const as = async (format: 'text' | 'srt' | 'vtt'): Promise<unknown> =>
      await client.audio.transcriptions.create({ model: MODEL, file: await file(), response_format: format })
    assert.equal(await as('text'), `${HEARD_TEXT}\n`)
    assert.equal(await as('srt'), `1\n00:00:00,000 --> 00:00:03,000\n${HEARD_TEXT}\n\n`)
    assert.equal(await as('vtt'), `WEBVTT\n\n00:00:00.000 --> 00:00:03.000\n${HEARD_TEXT}\n\n`)
  })

  it('gets it with times: of segments, of words, of both', async () => {
    const times = async (...granularities: ('word' | 'segment')[]) =>
      await client.audio.transcriptions.create({
        model: MODEL,
        file: await file(),
        response_format: 'verbose_json',
        timestamp_granularities: granularities,
      })
    const plain = await times('segment')
    assert.deepEqual([plain.language, plain.duration, plain.words], ['en', 3, undefined])
    assert.deepEqual(plain.segments?.[0]?.text, HEARD_TEXT)
    const words = await times('word')
    assert.deepEqual([words.segments, words.words?.[1]], [undefined, { word: 'rig', start: 0.5, end: 1 }])
    const both = await times('word', 'segment')
    assert.deepEqual([both.segments?.length, both.words?.length], [1, 6])
  })

  it('gets it with its speakers', async () => {
    const response_format = 'diarized_json' as const
    const heard = await client.audio.transcriptions.create({ model: MODEL, file: await file(), response_format })
    const { segments } = heard as unknown as { segments: { speaker: string }[] }
    assert.deepEqual(segments[0]?.speaker, 'SPEAKER_00')
    assert.equal(started.node.asked[0]?.type === 'transcribe' && started.node.asked[0].body.speakers, true)
  })

  it('gets it piece by piece', async () => {
    const stream = await client.audio.transcriptions.create({ model: MODEL, file: await file(), stream: true })
    const events = []
    for await (const event of stream) events.push(event)
    assert.equal(
      events.map((event) => (event.type === 'transcript.text.delta' ? event.delta : '')).join(''),
      HEARD_TEXT,
    )
    const last = events.at(-1)
    assert.ok(last?.type === 'transcript.text.done' && last.text === HEARD_TEXT)
  })

  it('gets a translation', async () => {
    const heard = await client.audio.translations.create({ model: MODEL, file: await file() })
    assert.equal(heard.text, HEARD_TEXT)
    assert.equal(started.node.asked[0]?.type === 'transcribe' && started.node.asked[0].body.task, 'translate')
  })

  it('gets speech as bytes, under the name of their format', async () => {
    const response = await client.audio.speech.create({ model: MODEL, voice: 'nova', input: 'hello', speed: 1.5 })
    assert.equal(response.headers.get('content-type'), 'audio/mpeg')
    assert.equal(Buffer.from(await response.arrayBuffer()).toString(), 'nova:hello')
    const format = 'mp3'
    assert.deepEqual(started.node.asked[0]?.body, { text: 'hello', voice: 'nova', format, speed: 1.5 })
  })

  it('gets speech as events', async () => {
    const body = { model: MODEL, voice: { id: 'nova' }, input: 'hi', stream_format: 'sse', response_format: 'pcm' }
    const { text, headers } = await send(started.port, { path: '/v1/audio/speech', body })
    assert.match(headers['content-type'] ?? '', /^text\/event-stream/)
    const events = text.split('\n\n').filter((piece) => piece !== '')
    const told = events.map((piece) => JSON.parse(piece.replace(/^data: /, '')) as { type: string; audio?: string })
    const sound = told.map(({ audio = '' }) => Buffer.from(audio, 'base64').toString()).join('')
    assert.equal(sound, 'nova:hi')
    assert.equal(told.at(-1)?.type, 'speech.audio.done')
  })

  it('hears why, with the status of it, while nothing has gone out', async () => {
    started.node.script = failing(
      new RealmeshError('CAPABILITY_MISSING', 'piper speaks as wav or pcm, not as mp3'),
      FAKE_START,
    )
    await assert.rejects(client.audio.speech.create({ model: MODEL, voice: 'x', input: 'hello' }), {
      status: 400,
      code: 'capability_missing',
      message: /wav or pcm/,
    })
  })

  it('gets no file that looks whole when the engine dies in the middle of it', async () => {
    const sound = { kind: 'audio', mediaType: 'audio/mpeg', data: Uint8Array.of(1, 2) } as const
    started.node.script = failing(new RealmeshError('ENGINE_FAILED', 'gone'), FAKE_START, sound)
    const read = async (): Promise<ArrayBuffer> => {
      const response = await client.audio.speech.create({ model: MODEL, voice: 'x', input: 'hello' })
      return await response.arrayBuffer()
    }
    await assert.rejects(read)
  })

  it('gets nothing as sound that has none', async () => {
    started.node.script = scripted(FAKE_START, { kind: 'end', finishReason: 'stop' })
    const response = await client.audio.speech.create({ model: MODEL, voice: 'x', input: 'hello' })
    assert.equal((await response.arrayBuffer()).byteLength, 0)
  })

  it('ends the work when it leaves', async () => {
    const begun = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    started.node.script = async function* (_request, signal) {
      yield FAKE_START
      yield { kind: 'audio', mediaType: 'audio/mpeg', data: Uint8Array.of(1) }
      begun.resolve()
      await aborted(signal)
      left.resolve()
    }
    const response = await client.audio.speech.create({ model: MODEL, voice: 'x', input: 'hello' })
    await begun.promise
    await response.body?.cancel()
    await left.promise
  })

  it('is told which fields say nothing to the engine', async () => {
    const { response } = await client.audio.speech
      .create({ model: MODEL, voice: 'x', input: 'hello', instructions: 'whisper' })
      .asResponse()
      .then((response) => ({ response }))
    assert.equal(response.headers.get('x-realmesh-ignored'), 'speech.instructions')
  })

  it('refuses a form without a recording, an empty one, one that is too large, and what is no form', async () => {
    const post = async (form: FormData): Promise<[number, string]> => {
      const response = await fetch(`${started.gateway.url}/v1/audio/transcriptions`, { method: 'POST', body: form })
      const { error } = (await response.json()) as { error: { code: string; param: string | null; message: string } }
      return [response.status, error.param ?? error.code]
    }
    const of = (field: string, bytes: number): FormData => {
      const form = new FormData()
      form.append('model', MODEL)
      form.append(field, new Blob([new Uint8Array(bytes)]), 'a.wav')
      return form
    }
    assert.deepEqual(await post(of('audio', 5)), [400, 'file'])
    assert.deepEqual(await post(of('file', 0)), [400, 'file'])
    assert.deepEqual(await post(of('file', MAX_AUDIO_BYTES + 1)), [413, 'prompt_too_large'])
    const json = await send(started.port, { path: '/v1/audio/transcriptions', body: { model: MODEL } })
    assert.deepEqual([json.status, /no form with a file/.test(json.text)], [415, true])
    assert.equal(started.node.asked.length, 0)
  })

  it('takes no form where JSON is asked for', async () => {
    const form = new FormData()
    form.append('file', new Blob(['x']), 'a.wav')
    const response = await fetch(`${started.gateway.url}/v1/chat/completions`, { method: 'POST', body: form })
    assert.equal(response.status, 415)
  })

  it('refuses pieces of what does not come in pieces', async () => {
    const form = new FormData()
    form.append('file', new Blob(['x']), 'a.wav')
    form.append('stream', 'true')
    form.append('response_format', 'srt')
    const response = await fetch(`${started.gateway.url}/v1/audio/transcriptions`, { method: 'POST', body: form })
    assert.deepEqual([response.status, started.node.asked.length], [400, 0])
  })

  it('lists what speaks, with which voices', async () => {
    const of = async (path: string): Promise<unknown> => JSON.parse((await send(started.port, { path })).text)
    assert.deepEqual(await of('/v1/audio/voices'), {
      object: 'list',
      voices: ['alloy', 'nova'].map((name) => ({ id: name, name, models: [MODEL] })),
    })
    assert.deepEqual(await of('/v1/audio/voices?model=other'), { object: 'list', voices: [] })
    const { models } = (await of('/v1/audio/models')) as { models: { id: string }[] }
    assert.deepEqual(
      models.map(({ id }) => id),
      [MODEL],
    )
  })
})
