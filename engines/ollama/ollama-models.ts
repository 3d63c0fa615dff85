/** Ollama's model list as models: `/api/tags`, and `/api/show` for what the list does not say. */
import { defined } from '../../core/defined.ts'
import type { Model } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import type { SamplingValues } from '../../core/query/receipt.ts'
import { kindAbilities } from '../adapter/kind-abilities.ts'
import { samplingIn, templateHash } from '../adapter/sampling.ts'
import { asNumber, asObject, asString, type JsonObject, stringsOf } from '../http/json-shape.ts'
import { leavesAnswerOpen } from './ollama-template.ts'

/** Capabilities of a model whose engine does not name any: what Ollama had before it listed capabilities. */
const PLAIN_CHAT: readonly string[] = ['completion']

function typesOf(capabilities: readonly string[]): readonly QueryType[] {
  const types: QueryType[] = []
  if (capabilities.includes('completion')) types.push('chat')
  if (capabilities.includes('completion') && capabilities.includes('vision')) types.push('vision')
  if (capabilities.includes('embedding')) types.push('embed')
  return types
}

/** `model_info` names the length after the architecture, such as `llama.context_length`. */
function trainedContext(show: JsonObject): number | undefined {
  const info = asObject(show['model_info']) ?? {}
  const key = Object.keys(info).find((name) => name.endsWith('.context_length'))
  return key === undefined ? undefined : asNumber(info[key])
}

/** The context that the model's own settings ask for; `/api/show` gives them as lines of text. */
function chosenContext(show: JsonObject): number | undefined {
  const [, tokens] = /^num_ctx\s+(\d+)/m.exec(asString(show['parameters']) ?? '') ?? []
  return tokens === undefined ? undefined : Number(tokens)
}

/**
 * What Ollama surely loads where nothing else is said; with much VRAM it takes more, which shows only once the model is
 * loaded.
 */
const USUAL_CONTEXT = 4_096

function contextOf(show: JsonObject, loaded: number | undefined): number | undefined {
  const trained = trainedContext(show)
  return loaded ?? chosenContext(show) ?? (trained === undefined ? undefined : Math.min(trained, USUAL_CONTEXT))
}

/**
 * Whether an answer can be continued. Some models are rendered by code of Ollama's own, whatever their template says.
 */
function continues(show: JsonObject): boolean {
  const rendered = (asString(show['renderer']) ?? '') !== '' || /^RENDERER /m.test(asString(show['modelfile']) ?? '')
  return !rendered && leavesAnswerOpen(asString(show['template']) ?? '')
}

/**
 * What Ollama takes where neither the request nor the model says otherwise: `DefaultOptions` of its API, read in 0.17.
 * It tells them nowhere.
 */
const DEFAULTS: SamplingValues = {
  num_predict: -1,
  num_keep: 4,
  temperature: 0.8,
  top_k: 40,
  top_p: 0.9,
  typical_p: 1,
  repeat_last_n: 64,
  repeat_penalty: 1.1,
  presence_penalty: 0,
  frequency_penalty: 0,
  seed: -1,
}

/** The model's own settings of sampling; `/api/show` gives them as lines of text, one more line for each stop word. */
function chosenSettings(show: JsonObject): SamplingValues {
  const settings: Record<string, number | string | string[]> = {}
  for (const line of (asString(show['parameters']) ?? '').split('\n')) {
    const [, name = '', value = ''] = /^(\w+)\s+(.*\S)/.exec(line) ?? []
    if (name === 'stop') settings[name] = [...(Array.isArray(settings[name]) ? settings[name] : []), value]
    else if (value !== '' && Number.isFinite(Number(value))) settings[name] = Number(value)
  }
  return samplingIn(settings)
}

/** The template's hash; the name of the code that stands in its place, where there is one. */
function templateOf(show: JsonObject): string | undefined {
  const renderer = asString(show['renderer']) ?? ''
  if (renderer !== '') return `renderer:${renderer}`
  const template = asString(show['template']) ?? ''
  return template === '' ? undefined : templateHash(template)
}

/** A model from its entry in the list and the details of `/api/show` (an empty object when it was not asked). */
export function ollamaModel(entry: JsonObject, show: JsonObject, loadedContext: number | undefined): Model | undefined {
  const name = asString(entry['name']) ?? asString(entry['model'])
  if (name === undefined || name === '') return undefined
  const listed = [...stringsOf(show['capabilities']), ...stringsOf(entry['capabilities'])]
  const capabilities = listed.length > 0 ? listed : PLAIN_CHAT
  const details = asObject(entry['details']) ?? asObject(show['details']) ?? {}
  const chats = capabilities.includes('completion')
  return {
    name,
    types: typesOf(capabilities),
    capabilities: {
      vision: capabilities.includes('vision'),
      tools: capabilities.includes('tools'),
      reasoning: capabilities.includes('thinking'),
      structured: chats,
      prefill: chats && continues(show),
      ...(chats && kindAbilities('ollama')),
      infill: capabilities.includes('insert'),
    },
    ...defined({
      contextLength: contextOf(show, loadedContext),
      quantization: asString(details['quantization_level']) || undefined,
      parameterSize: asString(details['parameter_size']) || undefined,
      family: asString(details['family']) || undefined,
      digest: asString(entry['digest']) || undefined,
      template: templateOf(show),
      defaults: chats ? { ...DEFAULTS, ...chosenSettings(show) } : undefined,
    }),
  }
}

/** Models that Ollama would run in a cloud: a node offers only what its own machine computes. */
export function runsElsewhere(entry: JsonObject): boolean {
  return (asString(entry['remote_host']) ?? '') !== ''
}
