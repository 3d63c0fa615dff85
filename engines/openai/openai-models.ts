/**
 * The models of an OpenAI-compatible engine: `/v1/models` for all, and each kind's own page for what that list does not
 * say.
 */

import { createHash } from 'node:crypto'
import { defined } from '../../core/defined.ts'
import type { Model, ModelCapabilities } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { kindAbilities } from '../adapter/kind-abilities.ts'
import { floatSamplingIn, templateHash } from '../adapter/sampling.ts'
import { localAiTypes, speachesModels, withVoices } from '../audio/sound-models.ts'
import type { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject, objectsOf, stringsOf } from '../http/json-shape.ts'
import { guessCapabilities, guessTypes, modelName } from './model-name.ts'
import { OPENAI_FLAVOURS, type OpenAiKind } from './openai-flavours.ts'
import { NOTHING_TO_RANK, RERANK_PAGE } from './openai-rerank.ts'

/** A model, and what the engine calls it where that is another name. */
export interface ModelById {
  readonly id: string
  readonly model: Model
}

/** What is known of a model beside its name and abilities. */
type ModelFacts =
  | 'types'
  | 'contextLength'
  | 'quantization'
  | 'parameterSize'
  | 'family'
  | 'digest'
  | 'template'
  | 'defaults'

type ListModels = (http: HttpClient, signal: CancelSignal) => Promise<readonly ModelById[]>

/** A page that some versions lack: undefined then. An abort is still an abort. */
export async function optionalPage(
  http: HttpClient,
  path: string,
  signal: CancelSignal,
): Promise<JsonObject | undefined> {
  try {
    return asObject(await http.json({ path }, { signal }))
  } catch (error) {
    if (signal.aborted) throw error
    return undefined
  }
}

async function listed(http: HttpClient, signal: CancelSignal): Promise<readonly JsonObject[]> {
  const reply = asObject(await http.json({ path: '/v1/models' }, { signal }))
  if (!Array.isArray(reply?.['data'])) throw garbage(http.engine, 'a model list without data')
  const entries = objectsOf(reply['data'])
  // A gateway of the mesh, our own perhaps: what is sent there comes back here, and round again.
  if (entries.some((entry) => asObject(entry['realmesh']) !== undefined)) throw gatewayAsEngine(http)
  return entries.filter((entry) => (asString(entry['id']) ?? '') !== '')
}

function gatewayAsEngine({ engine }: HttpClient): RealmeshError {
  return new RealmeshError('CONFIG_INVALID', `${engine} is a gateway of realmesh, not an engine`, {
    fix: 'give the address of the engine itself; nodes find each other without it',
  })
}

/** A model by its name, with what is known of it; the rest is guessed from the name. */
export function modelOf(
  kind: OpenAiKind,
  id: string,
  known: Partial<ModelCapabilities> = {},
  facts: Partial<Pick<Model, ModelFacts>> = {},
): ModelById {
  const flavour = OPENAI_FLAVOURS[kind]
  const name = modelName(id)
  const guessed = guessCapabilities(name, flavour.prefill !== undefined)
  const capabilities = { ...guessed, ...(guessed.structured && kindAbilities(kind)), ...known }
  const unsure = flavour.unsure.filter((each) => capabilities[each] && known[each] === undefined)
  const types = facts.types ?? guessTypes(name, capabilities.vision)
  const told = flavour.tokenizer === undefined ? types : [...types, 'tokens' as const]
  return { id, model: { name, capabilities, ...(unsure.length > 0 && { unsure }), ...facts, types: told } }
}

function plainModels(kind: OpenAiKind): ListModels {
  return async (http, signal) =>
    (await listed(http, signal)).map((entry) =>
      modelOf(
        kind,
        asString(entry['id']) ?? '',
        {},
        defined({
          types: ranks(entry) ? (['rerank'] as const) : undefined,
          contextLength: asNumber(entry['max_model_len']) ?? asNumber(entry['context_length']),
          digest: rootMark(entry),
        }),
      ),
    )
}

/** Whether the engine's list says that the model ranks, as Infinity's and LiteLLM's do. */
function ranks({ capabilities, type, mode }: JsonObject): boolean {
  return stringsOf(capabilities).includes('rerank') || type === 'rerank' || mode === 'rerank'
}

/** Its pages differ by what it was started for: one that scores has the page that ranks. */
async function vllmModels(http: HttpClient, signal: CancelSignal): Promise<readonly ModelById[]> {
  const [models, scores] = await Promise.all([plainModels('vllm')(http, signal), takesRanking(http, signal)])
  return scores
    ? models.map((each) => ({ ...each, model: { ...each.model, types: scoringTypes(each.model) } }))
    : models
}

/** One that makes embeddings scores by them too; one that does not was not started to chat. */
function scoringTypes({ types }: Model): readonly QueryType[] {
  return types.includes('embed') ? ['embed', 'rerank', 'tokens'] : ['rerank', 'tokens']
}

/** Nothing in the lists of these servers tells whether they rank; what they answer to no documents does. */
async function takesRanking(http: HttpClient, signal: CancelSignal): Promise<boolean> {
  try {
    await http.bytes({ path: RERANK_PAGE, json: NOTHING_TO_RANK, repeatable: true }, { signal })
    return true
  } catch (error) {
    if (signal.aborted) throw error
    return error instanceof RealmeshError && error.code === 'BAD_REQUEST'
  }
}

/** Servers that speak list their voices on a page of their own. */
function speakingModels(kind: OpenAiKind): ListModels {
  return async (http, signal) => withVoices(http, await plainModels(kind)(http, signal), signal)
}

async function localAiModels(http: HttpClient, signal: CancelSignal): Promise<readonly ModelById[]> {
  const [entries, page] = await Promise.all([
    listed(http, signal),
    optionalPage(http, '/v1/models/capabilities', signal),
  ])
  const types = localAiTypes(page)
  return entries.map((entry) => {
    const id = asString(entry['id']) ?? ''
    return modelOf('localai', id, {}, defined({ types: types.get(id) }))
  })
}

/** What vLLM loaded, where it serves it under another name: a repository, or the last part of a path. */
function rootMark(entry: JsonObject): string | undefined {
  const root = asString(entry['root']) ?? ''
  return root === '' || root === entry['id'] ? undefined : `root:${modelName(root)}`
}

async function llamaServerModels(http: HttpClient, signal: CancelSignal): Promise<readonly ModelById[]> {
  const [entries, props, embeds, ranks] = await Promise.all([
    listed(http, signal),
    optionalPage(http, '/props', signal),
    takesEmbeddings(http, signal),
    takesRanking(http, signal),
  ])
  const modalities = asObject(props?.['modalities'])
  const template = asObject(props?.['chat_template_caps'])
  const perSlot = asNumber(asObject(props?.['default_generation_settings'])?.['n_ctx'])
  return entries.map((entry) => {
    const id = asString(entry['id']) ?? ''
    const trained = asNumber(asObject(entry['meta'])?.['n_ctx_train'])
    const known = defined<ModelCapabilities>({
      vision: modalities === undefined ? undefined : modalities['vision'] === true,
      tools: template?.['supports_tools'] === false ? false : undefined,
      reasoning: /enable_thinking|<think>/.test(asString(props?.['chat_template']) ?? '') ? true : undefined,
    })
    const types = ranks ? (['rerank'] as const) : llamaTypes(id, known.vision === true, embeds)
    const facts = { types, contextLength: perSlot ?? trained, ...llamaFacts(entry, entries.length === 1 ? props : {}) }
    return modelOf('llama-server', id, known, defined(facts))
  })
}

/** For receipts. The server's own page is of the one model that it has loaded. */
function llamaFacts(
  entry: JsonObject,
  props: JsonObject = {},
): { readonly [K in 'digest' | 'quantization' | 'template' | 'defaults']: Model[K] | undefined } {
  const meta = asObject(entry['meta'])
  const settings = asObject(props['default_generation_settings'])
  const chosen = asObject(settings?.['params']) ?? settings // older versions have no level of their own for it
  const template = asString(props['chat_template'])
  return {
    digest: meta === undefined ? undefined : weightsMark(meta),
    quantization: asString(meta?.['ftype']) ?? asString(props['model_ftype']),
    template: template === undefined ? undefined : templateHash(template),
    defaults: chosen === undefined ? undefined : floatSamplingIn(chosen),
  }
}

/** What the server tells of the weights, as one mark: equal files have equal ones. It tells no hash of them. */
function weightsMark(meta: JsonObject): string {
  const told = ['n_params', 'size', 'n_vocab', 'n_embd', 'n_ctx_train', 'vocab_type', 'ftype'].map((name) => meta[name])
  return `meta:${createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32)}`
}

/** A server that was started for embeddings makes them of any model, one that was not makes none. */
function llamaTypes(id: string, vision: boolean, embeds: boolean): readonly QueryType[] {
  const chats: readonly QueryType[] = vision ? ['chat', 'vision'] : ['chat']
  if (!embeds) return chats
  return guessTypes(modelName(id), vision).includes('embed') ? ['embed'] : [...chats, 'embed']
}

/** Nothing in the server's lists tells whether it makes embeddings; what it answers to an empty input does. */
async function takesEmbeddings(http: HttpClient, signal: CancelSignal): Promise<boolean> {
  try {
    await http.bytes({ path: '/v1/embeddings', json: { input: '' }, repeatable: true }, { signal })
    return true
  } catch (error) {
    if (signal.aborted) throw error
    // It has the page, and no wish for an empty input; a server that pools nothing has no vector for anyone.
    return error instanceof RealmeshError && error.code === 'BAD_REQUEST' && !/pooling/i.test(error.message)
  }
}

/** LM Studio's own list, of version 0.4 (`/api/v1/models`) or older (`/api/v0/models`). */
export async function lmStudioEntries(
  http: HttpClient,
  signal: CancelSignal,
): Promise<readonly JsonObject[] | undefined> {
  const current = await optionalPage(http, '/api/v1/models', signal)
  if (Array.isArray(current?.['models'])) return objectsOf(current['models'])
  const older = await optionalPage(http, '/api/v0/models', signal)
  return Array.isArray(older?.['data']) ? objectsOf(older['data']) : undefined
}

/** The name of an entry of LM Studio's own list. */
export function lmStudioName(entry: JsonObject): string {
  return asString(entry['key']) ?? asString(entry['id']) ?? ''
}

function lmStudioModel(entry: JsonObject): ModelById {
  const type = asString(entry['type']) ?? 'llm'
  const flags = asObject(entry['capabilities'])
  const known = defined<ModelCapabilities>({
    vision: type === 'vlm' || flags?.['vision'] === true,
    tools:
      flags?.['trained_for_tool_use'] === true || stringsOf(entry['capabilities']).includes('tool_use') || undefined,
  })
  const quantization = asString(entry['quantization']) ?? asString(asObject(entry['quantization'])?.['name'])
  return modelOf(
    'lm-studio',
    lmStudioName(entry),
    known,
    defined({
      types: type.startsWith('embedding') ? (['embed'] as const) : undefined,
      contextLength: asNumber(entry['max_context_length']),
      quantization,
      parameterSize: asString(entry['params_string']),
      family: asString(entry['architecture']) ?? asString(entry['arch']),
    }),
  )
}

async function lmStudioModels(http: HttpClient, signal: CancelSignal): Promise<readonly ModelById[]> {
  const entries = await lmStudioEntries(http, signal)
  if (entries === undefined) return plainModels('lm-studio')(http, signal)
  return entries.filter((entry) => lmStudioName(entry) !== '').map(lmStudioModel)
}

/** TGI serves one model and names it in `/info`; its list may be missing, and behind some proxies `/info` is. */
async function tgiModels(http: HttpClient, signal: CancelSignal): Promise<readonly ModelById[]> {
  const info = await optionalPage(http, '/info', signal)
  const name = asString(info?.['model_id'])
  if (name === undefined) return plainModels('tgi')(http, signal)
  return [modelOf('tgi', name, {}, defined({ contextLength: asNumber(info?.['max_total_tokens']) }))]
}

/** How each kind's models are listed. */
export const LIST_MODELS: Readonly<Record<OpenAiKind, ListModels>> = {
  'llama-server': llamaServerModels,
  vllm: vllmModels,
  'lm-studio': lmStudioModels,
  tgi: tgiModels,
  koboldcpp: plainModels('koboldcpp'),
  huggingface: plainModels('huggingface'),
  openai: speakingModels('openai'),
  localai: localAiModels,
  kokoro: speakingModels('kokoro'),
  speaches: async (http, signal) =>
    speachesModels(await listed(http, signal)).map((model) => ({ id: model.name, model })),
}
