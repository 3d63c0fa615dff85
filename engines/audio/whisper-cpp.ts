/**
 * The server of whisper.cpp: one model, which it was started with and does not name, one recording at a time. It reads
 * WAV, FLAC, MP3 and Ogg, and with `--convert` whatever ffmpeg does.
 */
import type { Model } from '../../core/model/model.ts'
import type { Query, TranscribeQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { TranscribeBody } from '../../core/query/sound.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import type { FormFields } from './audio-form.ts'
import { hear } from './hearing.ts'
import { soundModel } from './sound-models.ts'

/** What programs call the model of a server that has only one: OpenAI's name, which the server's own users send it. */
const USUAL_NAME = 'whisper-1'

export interface WhisperCppInit {
  readonly url: string
  /** Sent as a bearer token, for a proxy in front of it. */
  readonly apiKey?: string
}

export class WhisperCppEngine implements Engine {
  readonly kind = 'whisper-cpp'
  readonly url: string
  readonly cancelMode = 'disconnect'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #catalog = new ModelCatalog()

  constructor(address: WhisperCppInit) {
    const { url, access } = splitAddress(address)
    this.url = url
    this.#http = new HttpClient({ engine: this.kind, url, access })
  }

  /** One model, by the first of the names that the owner gives it. */
  async models({ signal, named = [] }: Parameters<Engine['models']>[0]): Promise<readonly Model[]> {
    await this.probe({ signal })
    return this.#catalog.replace([soundModel(named[0] ?? USUAL_NAME, ['transcribe'])])
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    if (query.type !== 'transcribe') throw typeRefused(this.kind, query)
    checkCapabilities(this.#catalog.get(query.model), query)
    const way = { path: '/inference', fields: fieldsOf(query), streams: false }
    yield* hear(this.#http, query, way, signal)
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.json({ path: '/health' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }
}

/** Without a language it takes English for granted, so it is told to listen for one. */
function fieldsOf({ body }: TranscribeQuery): FormFields {
  const fields: (readonly [string, string])[] = [
    ['response_format', 'verbose_json'],
    // A second look at the recording that only tells how likely each language is.
    ['no_language_probabilities', 'true'],
    ['language', body.language ?? 'auto'],
  ]
  if (body.task === 'translate') fields.push(['translate', 'true'])
  if (body.prompt !== undefined) fields.push(['prompt', body.prompt])
  if (body.temperature !== undefined) fields.push(['temperature', String(body.temperature)])
  fields.push(...shape(body))
  return fields
}

/** With times for tokens it breaks lines at 60 characters, in the middle of words unless told otherwise. */
function shape(body: TranscribeBody): FormFields {
  const fields: (readonly [string, string])[] = [['token_timestamps', String(body.words === true)]]
  if (body.words === true) fields.push(['split_on_word', 'true'], ['max_len', '1000'])
  if (body.speakers === true) fields.push(['diarize', 'true'])
  return fields
}
