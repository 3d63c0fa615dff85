/** A text sent to an engine that speaks, and its sound as events, passed on as it arrives. */
import type { SpeakQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SpeechFormat } from '../../core/query/sound.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { loaded, type OpenAnswer } from '../http/answer-stream.ts'
import type { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import type { JsonObject } from '../http/json-shape.ts'

/** What each format is called in the head of an answer. */
export const SOUND_TYPES: Readonly<Record<SpeechFormat, string>> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}

/** How one engine takes a text. */
export interface SpeakingWay {
  readonly path: string
  readonly json: JsonObject
  /** What comes, from an engine that has no name for it. @default as its answer says */
  readonly type?: string
}

/** Bytes of one answer that are taken of an engine: what a peer takes, too. */
export const MAX_SOUND_BYTES = 64 * 1024 * 1024

/** What became of the sound between the engine and the events. */
export type SoundFilter = (mediaType: string, data: Buffer) => { readonly mediaType: string; readonly data: Buffer }

/**
 * Sends the text and yields the sound. Throws as engines do, and `ENGINE_GARBAGE` for an answer that is no sound or has
 * none.
 */
export async function* speak(
  http: HttpClient,
  query: SpeakQuery,
  { path, json, type }: SpeakingWay,
  signal: CancelSignal,
  filter: SoundFilter = (mediaType, data) => ({ mediaType, data }),
): AsyncGenerator<QueryEvent> {
  const engine = http.engine
  const open: OpenAnswer = ({ headWithinMs }) =>
    http.open({ path, json, repeatable: true }, { signal, headWithinMs, maxBytes: MAX_SOUND_BYTES })
  const exchange = yield* loaded(open, { engine, signal })
  let any = false
  try {
    const { headers } = await exchange.head()
    const told = type ?? soundType(engine, headers['content-type'], query.body.format)
    for (let data = await exchange.read(); data !== undefined; data = await exchange.read()) {
      const sound = filter(told, data)
      if (sound.data.length === 0) continue
      any = true
      yield { kind: 'audio', ...sound }
    }
  } finally {
    exchange.cancel()
  }
  if (!any) throw garbage(engine, 'no sound')
  yield { kind: 'end', finishReason: 'stop' }
}

/**
 * What the engine says that it sends; a server that knows no better name for bytes is believed to have done as asked.
 */
function soundType(engine: string, type: string | undefined, format: SpeechFormat): string {
  const told = (type ?? '').toLowerCase()
  if (told.startsWith('audio/')) return told.replaceAll(' ', '')
  if (told === '' || told.startsWith('application/octet-stream')) return SOUND_TYPES[format]
  throw garbage(engine, 'an answer that is no sound')
}

/** The refusal of a format that an engine does not have. */
export function formatRefused(engine: string, format: SpeechFormat, has: readonly SpeechFormat[]): RealmeshError {
  const names = has.join(' or ')
  return new RealmeshError('CAPABILITY_MISSING', `${engine} speaks as ${names}, not as ${format}`, {
    fix: `ask for ${names} (response_format), or for a model of an engine that has ${format}`,
  })
}
