/** Models that hear or speak: which they are of a server's list, and with which voices. */
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import { MAX_VOICE_LENGTH, MAX_VOICES } from '../../core/query/query-limits.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { HttpClient } from '../http/http-client.ts'
import { asObject, asString, type JsonObject, objectsOf, stringsOf } from '../http/json-shape.ts'

/** A model that hears or speaks and does nothing else. `voices`: by the engine's names. */
export function soundModel(name: string, types: readonly QueryType[], voices: readonly string[] = []): Model {
  const capabilities = { vision: false, tools: false, reasoning: false, structured: false, prefill: false }
  return { name, types, capabilities, ...(voices.length > 0 && { voices }) }
}

/** The names in a list of voices, which engines write as texts or as objects. */
export function voiceNames(told: unknown): readonly string[] {
  if (!Array.isArray(told)) return []
  const names = told.map((each: unknown) => {
    const fields = asObject(each)
    return asString(each) ?? asString(fields?.['id']) ?? asString(fields?.['name']) ?? ''
  })
  const kept = names.filter((name) => name !== '' && name.length <= MAX_VOICE_LENGTH)
  return [...new Set(kept)].slice(0, MAX_VOICES)
}

/** What speaches calls what its models are for; the others serve no query. */
const TASKS: Readonly<Record<string, QueryType>> = {
  'automatic-speech-recognition': 'transcribe',
  'text-to-speech': 'speak',
}

/** Every task by which an entry of a list is known to be one of speaches. */
export const SPEACHES_TASKS: ReadonlySet<string> = new Set([
  ...Object.keys(TASKS),
  'speaker-embedding',
  'voice-activity-detection',
  'speaker-diarization',
])

/** The models of speaches that serve queries: each entry tells its task, and its voices. */
export function speachesModels(entries: readonly JsonObject[]): readonly Model[] {
  return entries.flatMap((entry) => {
    const type = TASKS[asString(entry['task']) ?? '']
    return type === undefined ? [] : [soundModel(asString(entry['id']) ?? '', [type], voiceNames(entry['voices']))]
  })
}

/** What LocalAI calls what a model can do, of what we ask for. */
const LOCALAI_CAPABILITIES: Readonly<Record<string, QueryType>> = {
  chat: 'chat',
  completion: 'chat',
  vision: 'vision',
  embeddings: 'embed',
  transcript: 'transcribe',
  tts: 'speak',
  rerank: 'rerank',
}

/** The types of each model on LocalAI's own page; no entry for one of which it says nothing. */
export function localAiTypes(page: JsonObject | undefined): ReadonlyMap<string, readonly QueryType[]> {
  const types = objectsOf(page?.['data']).map((entry) => {
    const can = stringsOf(entry['capabilities']).flatMap((name) => LOCALAI_CAPABILITIES[name] ?? [])
    return [asString(entry['id']) ?? '', [...new Set(can)]] as const
  })
  return new Map(types.filter(([, can]) => can.length > 0))
}

/** The models with the voices of the engine's own list, those that speak; a list that it lacks is no list. */
export async function withVoices<M extends { readonly model: Model }>(
  http: HttpClient,
  listed: readonly M[],
  signal: CancelSignal,
): Promise<readonly M[]> {
  const mute = (model: Model): boolean => !model.types.includes('speak') || model.voices !== undefined
  if (listed.every(({ model }) => mute(model))) return listed
  const voices = await voicesOf(http, signal)
  if (voices.length === 0) return listed
  return listed.map((each) => (mute(each.model) ? each : { ...each, model: { ...each.model, voices } }))
}

async function voicesOf(http: HttpClient, signal: CancelSignal): Promise<readonly string[]> {
  try {
    const page = await http.json({ path: '/v1/audio/voices' }, { signal })
    return voiceNames((page as JsonObject | null)?.['voices'] ?? page)
  } catch (error) {
    if (signal.aborted) throw error
    return []
  }
}
