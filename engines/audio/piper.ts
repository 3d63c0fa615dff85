/**
 * Piper's own HTTP server: each voice is a model, and a text becomes one WAV file when all of it is spoken. It speaks
 * with its first voice when it does not know the one that is asked for, so only those that it lists are.
 */
import type { Model } from '../../core/model/model.ts'
import type { Query, SpeakQuery } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SpeechFormat } from '../../core/query/sound.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asObject, type JsonObject } from '../http/json-shape.ts'
import { soundModel } from './sound-models.ts'
import { formatRefused, type SoundFilter, speak } from './speaking.ts'
import { noWav, WavSamples } from './wav-samples.ts'

const FORMATS: readonly SpeechFormat[] = ['wav', 'pcm']

export interface PiperInit {
  readonly url: string
  /** Sent as a bearer token, for a proxy in front of it. */
  readonly apiKey?: string
}

export class PiperEngine implements Engine {
  readonly kind = 'piper'
  readonly url: string
  readonly cancelMode = 'none'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #catalog = new ModelCatalog()
  /** Speakers of a voice that has several, by their names. */
  #speakers: ReadonlyMap<string, readonly string[]> = new Map()
  /** Where it speaks: older versions have no page for it but the first. */
  #path = '/synthesize'

  constructor(address: PiperInit) {
    const { url, access } = splitAddress(address)
    this.url = url
    this.#http = new HttpClient({ engine: this.kind, url, access })
  }

  async models({ signal }: Parameters<Engine['models']>[0]): Promise<readonly Model[]> {
    const [voices, info] = await Promise.all([
      this.#http.json({ path: '/voices' }, { signal }).then(asObject),
      this.#http.json({ path: '/info' }, { signal }).catch(() => undefined),
    ])
    if (voices === undefined) throw garbage(this.kind, 'a list of voices that is none')
    this.#path = info === undefined ? '/' : '/synthesize'
    const listed = Object.entries(voices)
    this.#speakers = new Map(listed.map(([name, voice]) => [name, speakersOf(asObject(voice))]))
    return this.#catalog.replace(
      listed.map(([name]) => {
        const speakers = this.#speakers.get(name) ?? []
        return soundModel(name, ['speak'], speakers.length > 1 ? speakers : [name])
      }),
    )
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    if (query.type !== 'speak') throw typeRefused(this.kind, query)
    checkCapabilities(this.#catalog.get(query.model), query)
    const { format } = query.body
    if (!FORMATS.includes(format)) throw formatRefused(this.kind, format, FORMATS)
    const way = { path: this.#path, json: this.#json(query), type: 'audio/wav' }
    yield* speak(this.#http, query, way, signal, (format === 'pcm' ? samplesOnly : wholeFile)(this.kind))
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.bytes({ path: '/voices' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  /** A voice of another name than the model's is one of its speakers. */
  #json({ model, body: { text, voice, speed } }: SpeakQuery): JsonObject {
    const speakers = this.#speakers.get(model) ?? []
    if (voice !== undefined && voice !== model && !speakers.includes(voice)) {
      const has = speakers.length > 1 ? speakers.slice(0, SHOWN_VOICES).join(', ') : model
      throw new RealmeshError('CAPABILITY_MISSING', `${model} has no voice ${voice}`, { fix: `ask for ${has}` })
    }
    return {
      text,
      voice: model,
      ...(voice !== undefined && voice !== model && { speaker: voice }),
      ...(speed !== undefined && { length_scale: 1 / speed }),
    }
  }
}

/** Voices that an error names. */
const SHOWN_VOICES = 8

function speakersOf(voice: JsonObject | undefined): readonly string[] {
  return Object.keys(asObject(voice?.['speaker_id_map']) ?? {})
}

/** The server calls its files HTML, as it does its errors: the first bytes tell them apart. */
function wholeFile(engine: string): SoundFilter {
  let begun = false
  return (mediaType, data) => {
    if (!begun && data.toString('latin1', 0, 4) !== 'RIFF'.slice(0, data.length)) throw noWav(engine)
    begun = true
    return { mediaType, data }
  }
}

function samplesOnly(engine: string): SoundFilter {
  const samples = new WavSamples(engine)
  return (_mediaType, data) => samples.push(data)
}
