/** What engines were seen to tell of a recording, as events. */
import assert from 'node:assert/strict'
import type { TranscribeQuery } from '../../../../core/query/query.ts'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import type { TranscribeBody } from '../../../../core/query/sound.ts'
import { neutralName } from '../../../../engines/audio/audio-form.ts'
import { transcriptEvents } from '../../../../engines/audio/transcript.ts'
import { TranscriptDecoder } from '../../../../engines/audio/transcript-decoder.ts'
import { chatQuery } from '../../../support/query.ts'

function asked(body: Partial<TranscribeBody> = {}): TranscribeQuery {
  const { id, realm, scope, hopsLeft, user } = chatQuery()
  const audio = Uint8Array.of(1)
  const whole = { audio, mediaType: 'audio/wav', task: 'transcribe' as const, ...body }
  return { id, realm, scope, hopsLeft, user, type: 'transcribe', model: 'm', body: whole }
}

const events = (reply: unknown, body: Partial<TranscribeBody> = {}): QueryEvent[] => [
  ...transcriptEvents('engine', asked(body), reply),
]

describe('a transcript', () => {
  it('gives words that stand beside the segments to the segment in which they begin', () => {
    const reply = {
      text: 'one two three',
      segments: [
        { start: 0, end: 1, text: ' one two' },
        { start: 1, end: 2, text: ' three' },
      ],
      words: [
        { word: ' one', start: 0, end: 0.5 },
        { word: ' two', start: 0.5, end: 1.1 },
        { word: ' three', start: 1, end: 2 },
      ],
    }
    const segments = events(reply, { words: true }).filter((event) => event.kind === 'segment')
    assert.deepEqual(
      segments.map(({ words }) => words?.map(({ word }) => word)),
      [['one', 'two'], ['three']],
    )
  })

  it('makes a segment of words that have none', () => {
    const reply = {
      text: 'one two',
      words: [
        { word: 'one', start: 0, end: 1 },
        { word: 'two', start: 1, end: 2 },
      ],
    }
    const segment = events(reply, { words: true }).find((event) => event.kind === 'segment')
    assert.deepEqual([segment?.text, segment?.start, segment?.end], ['one two', 0, 2])
  })

  it('joins the tokens of whisper.cpp to words, in scripts that have spaces', () => {
    const token = (word: string, at: number) => ({ word, start: at, end: at + 1, t_dtw: -1 })
    const of = (...words: readonly string[]): readonly string[] => {
      const told = words.map(token)
      const reply = { text: 'x', segments: [{ start: 0, end: 9, text: 'x', words: told }] }
      const segment = events(reply, { words: true }).find((event) => event.kind === 'segment')
      return segment?.words?.map(({ word }) => word) ?? []
    }
    assert.deepEqual(of(' fell', 'ow', ' Americ', 'ans', ','), ['fellow', 'Americans,'])
    assert.deepEqual(of('你', '好'), ['你', '好'])
  })

  it('of silence has no text and no segments, whatever was asked for', () => {
    const told = events({ text: ' ', segments: [] }, { segments: true, words: true, speakers: true })
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['end'],
    )
  })

  it('without what was asked for is refused', () => {
    const segments = [{ start: 0, end: 1, text: 'one' }]
    for (const [body, reply] of [
      [{ segments: true }, { text: 'one' }],
      [{ words: true }, { text: 'one', segments }],
      [{ speakers: true }, { text: 'one', segments }],
    ] as const) {
      assert.throws(() => events(reply, body), { code: 'CAPABILITY_MISSING' })
    }
  })

  it('without a text is none', () => {
    for (const reply of [{}, [], 'text', null, { text: 3 }])
      assert.throws(() => events(reply), { code: 'ENGINE_GARBAGE' })
  })

  it('tells the language, the length and the tokens, where the engine does', () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 4 }
    assert.deepEqual(events({ text: 'one', language: 'en', duration: '2.5', usage }).at(-1), {
      kind: 'end',
      finishReason: 'stop',
      usage: { promptTokens: 14, completionTokens: 4 },
      heard: { language: 'en', seconds: 2.5 },
    })
  })
})

describe('a transcript in pieces', () => {
  const decoded = (text: string, size = 7): QueryEvent[] => {
    const decoder = new TranscriptDecoder('engine', asked())
    const out: QueryEvent[] = []
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size), out)
    if (!decoder.ended) decoder.flush(out)
    return out
  }
  const textOf = (told: readonly QueryEvent[]): string =>
    told.map((event) => (event.kind === 'text' ? event.text : '')).join('')

  it('is that of its pieces: speaches ends with an empty text', () => {
    const told = decoded(
      'data: {"delta":" And so","type":"transcript.text.delta","logprobs":null}\n\n' +
        'data: {"delta":" on","type":"transcript.text.delta"}\n\n' +
        'data: {"text":"","type":"transcript.text.done","usage":null}\n\n',
    )
    assert.equal(textOf(told), 'And so on')
    assert.equal(told.at(-1)?.kind, 'end')
  })

  it('is that of its end where there were no pieces', () => {
    assert.equal(textOf(decoded('data: {"text":"all","type":"transcript.text.done"}\n\n')), 'all')
  })

  it('comes as the chunks of a chat from vLLM', () => {
    const chunk = (delta: object, more = {}): string =>
      `data: ${JSON.stringify({ object: 'transcription.chunk', choices: [{ delta }], ...more })}\n\n`
    const usage = { prompt_tokens: 10, completion_tokens: 2 }
    const told = decoded(`${chunk({ content: ' And' })}${chunk({ content: ' so' }, { usage })}data: [DONE]\n\n`)
    assert.equal(textOf(told), 'And so')
    assert.deepEqual(told.at(-1), {
      kind: 'end',
      finishReason: 'stop',
      usage: { promptTokens: 10, completionTokens: 2 },
    })
  })

  it('may be one JSON object after all', () => {
    assert.deepEqual(
      decoded('{"text":"And so"}').map(({ kind }) => kind),
      ['text', 'end'],
    )
  })

  it('breaks with the error in it', () => {
    assert.throws(() => decoded('data: {"error":{"message":"out of memory","code":500}}\n\n'), {
      code: 'ENGINE_FAILED',
    })
  })

  it('has not ended without its end', () => {
    assert.ok(!decoded('data: {"delta":"And","type":"transcript.text.delta"}\n\n').some(({ kind }) => kind === 'end'))
  })
})

describe('the name of a recording', () => {
  it('tells its container and nothing else', () => {
    assert.equal(neutralName('audio/wav', 'Call with Ada.MP3'), 'audio.mp3')
    assert.equal(neutralName('audio/ogg; codecs=opus'), 'audio.ogg')
    assert.equal(neutralName('application/octet-stream', 'x.a/b"\r\n'), 'audio')
  })
})
