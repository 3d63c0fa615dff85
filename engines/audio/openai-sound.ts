/** Hearing and speaking by OpenAI's `/v1/audio`, as the kinds of engines that have it differ. */
import type { EngineKind } from '../../core/model/engine-kind.ts'
import type { Model } from '../../core/model/model.ts'
import type { SpeakQuery, TranscribeQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SpeechFormat } from '../../core/query/sound.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { JsonObject } from '../http/json-shape.ts'
import type { FormFields } from './audio-form.ts'
import { type HearingWay, hear } from './hearing.ts'
import { type SpeakingWay, speak } from './speaking.ts'
import { speakersUntold, wantsSegments } from './transcript.ts'

/** What one kind of engine makes of it. */
interface SoundManners {
  /** Whether it tells the text while it listens. */
  readonly streams: boolean
  /** Whether it may tell speakers apart. */
  readonly speakers: boolean
  /** Fields beside a wish for segments. */
  readonly segmentFields: FormFields
  /** Whether it speaks with a voice of its own choice where none is named; otherwise it gets the model's first. */
  readonly ownVoice: boolean
  /** Samples per second of bare samples; undefined where that is up to the model. */
  readonly pcmRate: number | undefined
  /** Further fields of a text, by its format. */
  readonly formatFields: Readonly<Partial<Record<SpeechFormat, JsonObject>>>
  /** Its word for the language of a text; undefined where it takes none. */
  readonly languageField: string | undefined
}

const plain: SoundManners = {
  streams: true,
  speakers: true,
  segmentFields: [],
  ownVoice: false,
  pcmRate: undefined,
  formatFields: {},
  languageField: undefined,
}

/** OpenAI's own rate, which clients take for granted. */
const PCM_RATE = 24_000

const MANNERS: Readonly<Partial<Record<EngineKind, SoundManners>>> = {
  speaches: {
    ...plain,
    speakers: false,
    // Otherwise a segment is whatever was said between two silences.
    segmentFields: [['without_timestamps', 'false']],
    pcmRate: PCM_RATE,
    // Voices of Piper have 22,050, which Opus does not know: the stream would break off before its first byte.
    formatFields: { pcm: { sample_rate: PCM_RATE }, opus: { sample_rate: PCM_RATE } },
  },
  kokoro: { ...plain, ownVoice: true, pcmRate: PCM_RATE, languageField: 'lang_code' },
  localai: { ...plain, streams: false, ownVoice: true },
}

/** The engine and its model, as a query meets them. */
export interface SoundEngine {
  readonly kind: EngineKind
  readonly http: HttpClient
  /** The engine's own name of the model. */
  readonly id: string
  /** As it was listed last; undefined for one that was not. */
  readonly model: Model | undefined
}

/** Runs a query that hears or speaks. */
export function runSound(
  engine: SoundEngine,
  query: TranscribeQuery | SpeakQuery,
  signal: CancelSignal,
): AsyncGenerator<QueryEvent> {
  const manners = MANNERS[engine.kind] ?? plain
  return query.type === 'transcribe'
    ? hear(engine.http, query, hearingWay(engine, query, manners), signal)
    : speak(engine.http, query, speakingWay(engine, query, manners), signal)
}

function hearingWay({ kind, id }: SoundEngine, { body }: TranscribeQuery, manners: SoundManners): HearingWay {
  if (body.speakers === true && !manners.speakers) throw speakersUntold(kind)
  const timed = wantsSegments(body)
  const streams = manners.streams && !timed
  const fields: (readonly [string, string])[] = [
    ['model', id],
    ['response_format', body.speakers === true ? 'diarized_json' : timed ? 'verbose_json' : 'json'],
  ]
  if (streams) fields.push(['stream', 'true'])
  if (body.language !== undefined) fields.push(['language', body.language])
  if (body.prompt !== undefined) fields.push(['prompt', body.prompt])
  if (body.temperature !== undefined) fields.push(['temperature', String(body.temperature)])
  if (timed) fields.push(...manners.segmentFields)
  if (body.words === true) {
    fields.push(['timestamp_granularities[]', 'word'], ['timestamp_granularities[]', 'segment'])
  }
  const path = body.task === 'translate' ? '/v1/audio/translations' : '/v1/audio/transcriptions'
  return { path, fields, streams }
}

function speakingWay({ id, model }: SoundEngine, { body }: SpeakQuery, manners: SoundManners): SpeakingWay {
  const { text, format, speed, instructions, language } = body
  const voice = body.voice ?? (manners.ownVoice ? undefined : model?.voices?.[0])
  const { pcmRate, languageField, formatFields } = manners
  return {
    path: '/v1/audio/speech',
    json: {
      model: id,
      input: text,
      response_format: format,
      ...(voice !== undefined && { voice }),
      ...(speed !== undefined && { speed }),
      ...(instructions !== undefined && { instructions }),
      ...(language !== undefined && languageField !== undefined && { [languageField]: language }),
      ...formatFields[format],
    },
    ...(format === 'pcm' && pcmRate !== undefined && { type: `audio/pcm;rate=${pcmRate}` }),
  }
}
