/** A model that hears or speaks and does nothing else. */
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import { MAX_VOICE_LENGTH, MAX_VOICES } from '../../core/query/query-limits.ts'
import { asObject, asString } from '../http/json-shape.ts'

/** `voices`: by the engine's names. */
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
