/** Ollama, by its native API: it tells more (timings, capabilities, what is loaded) than its OpenAI-compatible one. */

import type { Model } from '../../core/model/model.ts'
import { type EmbedQuery, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SamplingValues } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import {
  checkCapabilities,
  checkSettings,
  typeRefused,
  wantsLogprobs,
  wantsOneCall,
} from '../adapter/capability-check.ts'
import { embeddingEvents } from '../adapter/embedding-events.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { promisedJson, wantsJson } from '../adapter/promised-json.ts'
import { samplingIn } from '../adapter/sampling.ts'
import { answerStream, type OpenAnswer } from '../http/answer-stream.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { OllamaDecoder } from './ollama-decoder.ts'
import { ollamaModel, runsElsewhere } from './ollama-models.ts'
import { ollamaEmbedBody, ollamaRequest } from './ollama-request.ts'

/** Model details asked for at once: a rig may list a hundred models. */
const SHOW_CONCURRENCY = 4

export class OllamaEngine implements Engine {
  readonly kind = 'ollama'
  readonly url: string
  readonly cancelMode = 'disconnect'
  /** Ollama's own OLLAMA_NUM_PARALLEL. */
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #catalog = new ModelCatalog()
  /** Contexts that models were loaded with, by name and digest: they will be loaded so again. */
  readonly #contexts = new Map<string, number>()
  /** Details by digest, which changes with the weights and the template. */
  #shown = new Map<string, JsonObject>()

  constructor(init: { readonly url: string; readonly apiKey?: string }) {
    const { url, access } = splitAddress(init)
    this.url = url
    this.#http = new HttpClient({ engine: this.kind, url, access })
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const [tags] = await Promise.all([this.#object('/api/tags', signal), this.#loadedModels(signal)])
    // An Ollama without a model may say `null`.
    if (tags['models'] !== null && !Array.isArray(tags['models'])) {
      throw garbage(this.kind, 'a model list without models')
    }
    const entries = objectsOf(tags['models']).filter((entry) => !runsElsewhere(entry))
    const details = await this.#details(entries, signal)
    return this.#catalog.replace(
      entries.flatMap((entry, i) => ollamaModel(entry, details[i] ?? {}, this.#contexts.get(keyOf(entry))) ?? []),
    )
  }

  run(query: Query, options: RunOptions): AsyncIterable<QueryEvent> {
    return query.type === 'embed' ? this.#embed(query, options) : this.#chat(query, options)
  }

  async load({ signal }: { readonly signal: CancelSignal }): Promise<EngineLoad> {
    const loaded = await this.#loadedModels(signal)
    return loaded === undefined ? {} : { warmModels: loaded.flatMap((model) => asString(model['name']) ?? []) }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    try {
      await this.#object('/api/version', signal)
    } catch (error) {
      this.#catalog.forgetLacks()
      this.#contexts.clear() // it may come back with another default
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  #chat(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const decoder = new OllamaDecoder({
      engine: this.kind,
      queryId: query.id,
      singleCall: wantsOneCall(query),
      logprobs: wantsLogprobs(query),
    })
    let sent: SamplingValues | undefined
    const open: OpenAnswer = async ({ headWithinMs }) => {
      if (!isChat(query)) throw typeRefused(this.kind, query)
      const model = this.#catalog.get(query.model)
      checkCapabilities(model, query)
      checkSettings(this.kind, query)
      const { path, body: json } = ollamaRequest(query, { reasons: model?.capabilities.reasoning ?? true })
      sent = samplingIn(asObject(json['options']) ?? {})
      try {
        return await this.#http.open({ path, json, repeatable: true, trace: query.trace }, { signal, headWithinMs })
      } catch (error) {
        if (error instanceof RealmeshError) this.#catalog.learn(query, error)
        throw error
      }
    }
    const answer = answerStream(open, decoder, { engine: this.kind, signal, sent: () => sent })
    return wantsJson(query) ? promisedJson(answer, { engine: this.kind, sure: true }) : answer
  }

  async *#embed(query: EmbedQuery, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    checkCapabilities(this.#catalog.get(query.model), query)
    const json = ollamaEmbedBody(query)
    const request = { path: '/api/embed', json, repeatable: true, trace: query.trace }
    const reply = asObject(await this.#http.json(request, { signal }))
    yield* embeddingEvents(this.kind, query, reply?.['embeddings'], asCount(reply?.['prompt_eval_count']))
  }

  /** `/api/show` of each entry; what cannot be shown (a model removed meanwhile) has no details. */
  async #details(entries: readonly JsonObject[], signal: CancelSignal): Promise<readonly (JsonObject | undefined)[]> {
    const known = this.#shown
    const fresh = new Map<string, JsonObject>()
    const details: (JsonObject | undefined)[] = []
    for (let i = 0; i < entries.length; i += SHOW_CONCURRENCY) {
      const batch = entries.slice(i, i + SHOW_CONCURRENCY).map(async (entry) => {
        const key = keyOf(entry)
        const shown = known.get(key) ?? (await this.#show(asString(entry['name']) ?? '', signal))
        if (shown !== undefined) fresh.set(key, shown)
        return shown
      })
      details.push(...(await Promise.all(batch)))
    }
    this.#shown = fresh
    return details
  }

  async #show(name: string, signal: CancelSignal): Promise<JsonObject | undefined> {
    try {
      return asObject(await this.#http.json({ path: '/api/show', json: { model: name }, repeatable: true }, { signal }))
    } catch (error) {
      if (signal.aborted) throw error
      return undefined
    }
  }

  /**
   * The models in memory, of which the contexts are kept; undefined where the page is missing, as servers that imitate
   * Ollama leave it out.
   */
  async #loadedModels(signal: CancelSignal): Promise<readonly JsonObject[] | undefined> {
    let page: JsonObject
    try {
      page = await this.#object('/api/ps', signal)
    } catch (error) {
      if (signal.aborted) throw error
      return undefined
    }
    const loaded = objectsOf(page['models'])
    for (const model of loaded) {
      const context = asNumber(model['context_length'])
      if (context !== undefined && context > 0) this.#contexts.set(keyOf(model), context)
    }
    return loaded
  }

  async #object(path: string, signal: CancelSignal): Promise<JsonObject> {
    const reply = asObject(await this.#http.json({ path }, { signal }))
    if (reply === undefined) throw garbage(this.kind, 'something else than an object')
    return reply
  }
}

/** A model and the state of it: the digest changes with weights, template and settings. */
function keyOf(entry: JsonObject): string {
  return `${asString(entry['digest'])} ${asString(entry['name'])}`
}
