/** Any engine that speaks OpenAI's API; the kinds differ by a row in openai-flavours.ts. */

import { randomBytes } from 'node:crypto'
import { isCloudKind } from '../../core/model/engine-kind.ts'
import type { Model } from '../../core/model/model.ts'
import { sameModel } from '../../core/model/model-name.ts'
import {
  type ChatQuery,
  type EmbedQuery,
  isChat,
  type Query,
  type RerankQuery,
  type SpeakQuery,
  type TokensQuery,
  type TranscribeQuery,
} from '../../core/query/query.ts'
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
import type { CancelMode, Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { promisedJson, wantsJson } from '../adapter/promised-json.ts'
import { samplingIn } from '../adapter/sampling.ts'
import { untilStopWord } from '../adapter/stop-words.ts'
import { runSound } from '../audio/openai-sound.ts'
import { answerStream, loaded, type OpenAnswer } from '../http/answer-stream.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient, MAX_JSON_BYTES } from '../http/http-client.ts'
import { sanitizeEngineText } from '../http/http-errors.ts'
import { asCount, asNumber, asObject, type JsonObject, objectsOf } from '../http/json-shape.ts'
import { modelName } from './model-name.ts'
import { OpenAiDecoder } from './openai-decoder.ts'
import { OPENAI_FLAVOURS, type OpenAiFlavour, type OpenAiKind } from './openai-flavours.ts'
import { READ_LOAD } from './openai-load.ts'
import { LIST_MODELS, type ModelById, modelOf } from './openai-models.ts'
import { type OpenAiRequest, openAiChatBody, openAiEmbedBody, openAiRequest } from './openai-request.ts'
import { RERANK_PAGE, rankedEvents, rerankBody } from './openai-rerank.ts'
import { TELL_TOKENS } from './openai-tokens.ts'

/** How long a cancel that needs a request of its own may take. */
const ABORT_MS = 1_000

export interface OpenAiInit {
  readonly kind: OpenAiKind
  /** With or without the trailing `/v1`; empty: the kind's usual one. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string
}

export class OpenAiEngine implements Engine {
  readonly kind: OpenAiKind
  readonly url: string
  readonly cancelMode: CancelMode
  readonly defaultSlots: number
  readonly cloud: boolean
  readonly idleLookMs?: number
  readonly load?: NonNullable<Engine['load']>
  readonly #flavour: OpenAiFlavour
  readonly #http: HttpClient
  readonly #catalog = new ModelCatalog()

  constructor(init: OpenAiInit) {
    this.kind = init.kind
    this.#flavour = OPENAI_FLAVOURS[init.kind]
    const { url, access } = splitAddress({ ...init, url: init.url || (this.#flavour.usualUrl ?? '') })
    this.url = url.replace(/\/v1$/, '')
    this.cancelMode = this.#flavour.cancelMode
    this.defaultSlots = this.#flavour.defaultSlots
    this.cloud = isCloudKind(init.kind)
    if (this.#flavour.idleLookMs !== undefined) this.idleLookMs = this.#flavour.idleLookMs
    if (this.cloud && (init.apiKey ?? '') === '') {
      throw new RealmeshError('CONFIG_INVALID', `the engine ${init.kind} has no key`, {
        fix: 'set its key_env or key_file',
      })
    }
    this.#http = new HttpClient({ engine: init.kind, url: this.url, access })
    const readLoad = READ_LOAD[init.kind]
    if (readLoad !== undefined) {
      this.load = ({ signal }): Promise<EngineLoad> => readLoad(this.#http, signal)
    }
  }

  async models({ signal, named = [] }: Parameters<Engine['models']>[0]): Promise<readonly Model[]> {
    const listed = await this.#listed(signal, named)
    const known = new Set(listed.map(({ model }) => model.name))
    const added = named.filter((name) => !known.has(name)).map((name) => modelOf(this.kind, name))
    const all = [...listed, ...added]
    return this.#catalog.replace(
      all.map(({ model }) => model),
      new Map(all.map(({ id, model }) => [model.name, id])),
    )
  }

  run(query: Query, options: RunOptions): AsyncIterable<QueryEvent> {
    if (query.type === 'transcribe' || query.type === 'speak') return this.#sound(query, options)
    if (query.type === 'embed') return this.#embed(query, options)
    if (query.type === 'rerank') return this.#rerank(query, options)
    return query.type === 'tokens' ? this.#tokens(query, options) : this.#chat(query, options)
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    try {
      await this.#http.bytes({ path: this.#flavour.probePath }, { signal })
    } catch (error) {
      this.#catalog.forgetLacks()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  #chat(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const genkey = this.#flavour.cancelMode === 'interrupt' ? newGenKey() : undefined
    let sent: SamplingValues | undefined
    const open: OpenAnswer = async ({ headWithinMs }) => {
      if (!isChat(query)) throw typeRefused(this.kind, query)
      const model = this.#catalog.get(query.model)
      checkCapabilities(model, query)
      checkSettings(this.kind, query)
      const { path, body } = openAiRequest(query, this.#flavour, {
        kind: this.kind,
        id: this.#catalog.idOf(query.model),
        contextLength: model?.contextLength,
        reasons: model?.capabilities.reasoning ?? true,
      })
      sent = samplingIn(body)
      const json = genkey === undefined ? body : { ...body, genkey }
      const alone = this.#flavour.closesAfterStream
      const request = { path, json, repeatable: true, alone, trace: query.trace }
      return await this.#learning(query, this.#http.open(request, { signal, headWithinMs }))
    }
    const decoder = new OpenAiDecoder({
      engine: this.kind,
      queryId: query.id,
      singleCall: wantsOneCall(query),
      logprobs: wantsLogprobs(query),
      onLack: (error) => this.#catalog.learn(query, error),
      onModel: (name) => this.#assertSame(query.model, modelName(name)),
    })
    const stream = answerStream(open, decoder, {
      engine: this.kind,
      signal,
      sent: () => sent,
      ...(genkey !== undefined && { onLeft: () => this.#abort(genkey) }),
    })
    const stop = this.#flavour.keepsStops ? [] : stopWords(query)
    const answer = stop.length === 0 ? stream : untilStopWord(stream, stop)
    if (!wantsJson(query)) return answer
    const sure = !this.#flavour.unsure.includes('structured')
    return promisedJson(answer, { engine: this.kind, sure, onBroken: (error) => this.#catalog.learn(query, error) })
  }

  async *#embed(query: EmbedQuery, options: RunOptions): AsyncGenerator<QueryEvent> {
    const body = openAiEmbedBody(query, this.#catalog.idOf(query.model))
    const reply = asObject(yield* this.#whole(query, options, { path: '/v1/embeddings', body }))
    const vectors = [...objectsOf(reply?.['data'])]
      .sort((a, b) => (asNumber(a['index']) ?? 0) - (asNumber(b['index']) ?? 0))
      .map((entry) => entry['embedding'])
    yield* embeddingEvents(this.kind, query, vectors, asCount(asObject(reply?.['usage'])?.['prompt_tokens']))
  }

  async *#rerank(query: RerankQuery, options: RunOptions): AsyncGenerator<QueryEvent> {
    const body = rerankBody(query, this.#catalog.idOf(query.model))
    const reply = yield* this.#whole(query, options, { path: RERANK_PAGE, body })
    yield* rankedEvents(this.kind, query, reply)
  }

  async *#tokens(query: TokensQuery, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const { tokenizer } = this.#flavour
    if (tokenizer === undefined) throw typeRefused(this.kind, query)
    checkCapabilities(this.#catalog.get(query.model), query)
    const { kind } = this
    const id = this.#catalog.idOf(query.model)
    const asked = { kind, id, contextLength: undefined, reasons: true }
    const ask = (request: OpenAiRequest) => this.#reply(query, request, signal)
    const chatBody = (chat: ChatQuery) => openAiChatBody(chat, this.#flavour, asked)
    try {
      yield* TELL_TOKENS[tokenizer](query, { engine: kind, id, ask, chatBody })
    } catch (error) {
      if (error instanceof RealmeshError) this.#catalog.learn(query, error)
      throw error
    }
  }

  /** The one reply to a query of which nothing is streamed. */
  async *#whole(query: Query, { signal }: RunOptions, request: OpenAiRequest): AsyncGenerator<QueryEvent, unknown> {
    checkCapabilities(this.#catalog.get(query.model), query)
    const asking = this.#exchange(query, request, signal)
    const open: OpenAnswer = (options) => this.#learning(query, asking(options))
    return await this.#http.jsonOf(yield* loaded(open, { engine: this.kind, signal }))
  }

  async *#reply(query: Query, request: OpenAiRequest, signal: CancelSignal): AsyncGenerator<QueryEvent, JsonObject> {
    const exchange = yield* loaded(this.#exchange(query, request, signal), { engine: this.kind, signal })
    return asObject(await this.#http.jsonOf(exchange)) ?? {}
  }

  #exchange({ trace }: Query, { path, body }: OpenAiRequest, signal: CancelSignal): OpenAnswer {
    const request = { path, json: body, repeatable: true, trace }
    return ({ headWithinMs }) => this.#http.open(request, { signal, headWithinMs, maxBytes: MAX_JSON_BYTES })
  }

  async *#sound(query: TranscribeQuery | SpeakQuery, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const model = this.#catalog.get(query.model)
    checkCapabilities(model, query)
    const id = this.#catalog.idOf(query.model)
    yield* runSound({ kind: this.kind, http: this.#http, id, model }, query, signal)
  }

  /** The engine's list; where it has none and the owner has named models, nothing. */
  async #listed(signal: CancelSignal, named: readonly string[]): Promise<readonly ModelById[]> {
    try {
      return await LIST_MODELS[this.kind](this.#http, signal)
    } catch (error) {
      if (signal.aborted || named.length === 0) throw error
      return []
    }
  }

  /** Lets the catalog hear of a refusal. */
  async #learning<T>(query: Query, reply: Promise<T>): Promise<T> {
    try {
      return await reply
    } catch (error) {
      if (error instanceof RealmeshError) this.#catalog.learn(query, error)
      throw error
    }
  }

  /**
   * Another model's answer is not passed off: the engine was started with another, or fell back on one. Decorated names
   * are let through.
   */
  #assertSame(asked: string, told: string): void {
    if (sameModel(asked, told) || (!this.#flavour.takesAnyName && this.#catalog.get(told) === undefined)) return
    throw new RealmeshError(
      'MODEL_NOT_FOUND',
      `${this.kind} answers with ${sanitizeEngineText(told)} instead of ${asked}`,
      {
        retryable: true,
      },
    )
  }

  /** KoboldCpp's own cancel; the key makes it end our work only. Best effort: the connection is closed already. */
  #abort(genkey: string): void {
    const request = { path: '/api/extra/abort', json: { genkey } }
    this.#http.bytes(request, { signal: AbortSignal.timeout(ABORT_MS) }).catch(() => {
      // The engine has no such route or is gone: there is nothing left to stop, or nothing to stop it with.
    })
  }
}

function stopWords(query: Query): readonly string[] {
  return isChat(query) ? (query.body.sampling?.stop ?? []).filter((word) => word !== '') : []
}

/** KoboldCpp's name for one generation. Ours alone: a peer may give its query the id of another, and then leave it. */
function newGenKey(): string {
  return `RM${randomBytes(8).toString('hex')}`
}
