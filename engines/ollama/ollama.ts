/** Ollama, by its native API: it tells more (timings, capabilities, what is loaded) than its OpenAI-compatible one. */

import type { Model } from '../../core/model/model.ts'
import { type EmbedQuery, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, typeRefused } from '../adapter/capability-check.ts'
import { embeddingEvents } from '../adapter/embedding-events.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { answerStream, type OpenAnswer } from '../http/answer-stream.ts'
import { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asNumber, asObject, asString, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { cleanImages } from '../images/image-input.ts'
import { OllamaDecoder } from './ollama-decoder.ts'
import { ollamaModel, runsElsewhere } from './ollama-models.ts'
import { ollamaChatBody, ollamaEmbedBody } from './ollama-request.ts'

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
  /** Details by digest, which changes with the weights and the template. */
  #shown = new Map<string, JsonObject>()

  constructor({ url }: { readonly url: string }) {
    this.url = url.replace(/\/+$/, '')
    this.#http = new HttpClient({ engine: this.kind, url: this.url })
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const [tags, running] = await Promise.all([this.#object('/api/tags', signal), this.#object('/api/ps', signal)])
    if (!Array.isArray(tags['models'])) throw garbage(this.kind, 'a model list without models')
    const entries = objectsOf(tags['models']).filter((entry) => !runsElsewhere(entry))
    const details = await this.#details(entries, signal)
    const contexts = new Map(
      objectsOf(running['models']).map((loaded) => [asString(loaded['name']), asNumber(loaded['context_length'])]),
    )
    return this.#catalog.replace(
      entries.flatMap((entry, i) => {
        return ollamaModel(entry, details[i] ?? {}, contexts.get(asString(entry['name']))) ?? []
      }),
    )
  }

  run(query: Query, options: RunOptions): AsyncIterable<QueryEvent> {
    return query.type === 'embed' ? this.#embed(query, options) : this.#chat(query, options)
  }

  async load({ signal }: { readonly signal: CancelSignal }): Promise<EngineLoad> {
    const running = objectsOf((await this.#object('/api/ps', signal))['models'])
    return { warmModels: running.flatMap((model) => asString(model['name']) ?? []) }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#object('/api/version', signal)
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  #chat(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const decoder = new OllamaDecoder({ engine: this.kind, queryId: query.id })
    const open: OpenAnswer = async ({ headWithinMs }) => {
      if (!isChat(query)) throw typeRefused(this.kind, query)
      checkCapabilities(this.#catalog.get(query.model), query)
      const json = ollamaChatBody(await cleanImages(query))
      return await this.#http.open({ path: '/api/chat', json, repeatable: true }, { signal, headWithinMs })
    }
    return answerStream(open, decoder, { engine: this.kind, signal })
  }

  async *#embed(query: EmbedQuery, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    checkCapabilities(this.#catalog.get(query.model), query)
    const json = ollamaEmbedBody(query)
    const reply = asObject(await this.#http.json({ path: '/api/embed', json, repeatable: true }, { signal }))
    yield* embeddingEvents(this.kind, query, reply?.['embeddings'], asNumber(reply?.['prompt_eval_count']))
  }

  /** `/api/show` of each entry; what cannot be shown (a model removed meanwhile) has no details. */
  async #details(entries: readonly JsonObject[], signal: CancelSignal): Promise<readonly (JsonObject | undefined)[]> {
    const known = this.#shown
    const fresh = new Map<string, JsonObject>()
    const details: (JsonObject | undefined)[] = []
    for (let i = 0; i < entries.length; i += SHOW_CONCURRENCY) {
      const batch = entries.slice(i, i + SHOW_CONCURRENCY).map(async (entry) => {
        const key = `${asString(entry['digest'])} ${asString(entry['name'])}`
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

  async #object(path: string, signal: CancelSignal): Promise<JsonObject> {
    const reply = asObject(await this.#http.json({ path }, { signal }))
    if (reply === undefined) throw garbage(this.kind, 'something else than an object')
    return reply
  }
}
