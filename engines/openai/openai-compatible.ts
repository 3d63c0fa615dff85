/** Any engine that speaks OpenAI's API; the kinds differ by a row in openai-flavours.ts. */

import { isCloudKind } from '../../core/model/engine-kind.ts'
import type { Model } from '../../core/model/model.ts'
import { type EmbedQuery, isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, typeRefused } from '../adapter/capability-check.ts'
import { embeddingEvents } from '../adapter/embedding-events.ts'
import type { CancelMode, Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { answerStream, type OpenAnswer } from '../http/answer-stream.ts'
import { HttpClient } from '../http/http-client.ts'
import { asNumber, asObject, objectsOf } from '../http/json-shape.ts'
import { cleanImages } from '../images/image-input.ts'
import { OpenAiDecoder } from './openai-decoder.ts'
import { OPENAI_FLAVOURS, type OpenAiFlavour, type OpenAiKind } from './openai-flavours.ts'
import { READ_LOAD } from './openai-load.ts'
import { LIST_MODELS } from './openai-models.ts'
import { openAiChatBody, openAiEmbedBody } from './openai-request.ts'

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
    this.url = (init.url || (this.#flavour.usualUrl ?? '')).replace(/\/+$/, '').replace(/\/v1$/, '')
    this.cancelMode = this.#flavour.cancelMode
    this.defaultSlots = this.#flavour.defaultSlots
    this.cloud = isCloudKind(init.kind)
    if (this.#flavour.idleLookMs !== undefined) this.idleLookMs = this.#flavour.idleLookMs
    if (this.cloud && (init.apiKey ?? '') === '') {
      throw new RealmeshError('CONFIG_INVALID', `the engine ${init.kind} has no key`, {
        fix: 'set its key_env or key_file',
      })
    }
    this.#http = new HttpClient({
      engine: init.kind,
      url: this.url,
      headers: init.apiKey === undefined ? {} : { authorization: `Bearer ${init.apiKey}` },
    })
    const readLoad = READ_LOAD[init.kind]
    if (readLoad !== undefined) {
      this.load = ({ signal }): Promise<EngineLoad> => readLoad(this.#http, signal)
    }
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    return this.#catalog.replace(await LIST_MODELS[this.kind](this.#http, signal))
  }

  run(query: Query, options: RunOptions): AsyncIterable<QueryEvent> {
    return query.type === 'embed' ? this.#embed(query, options) : this.#chat(query, options)
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.bytes({ path: this.#flavour.probePath }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  #chat(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const interrupts = this.#flavour.cancelMode === 'interrupt'
    const open: OpenAnswer = async ({ headWithinMs }) => {
      if (!isChat(query)) throw typeRefused(this.kind, query)
      checkCapabilities(this.#catalog.get(query.model), query)
      const body = openAiChatBody(await cleanImages(query), this.#flavour)
      const json = interrupts ? { ...body, genkey: genKey(query) } : body
      const alone = this.#flavour.closesAfterStream
      return await this.#http.open(
        { path: '/v1/chat/completions', json, repeatable: true, alone },
        { signal, headWithinMs },
      )
    }
    return answerStream(open, new OpenAiDecoder({ engine: this.kind, queryId: query.id }), {
      engine: this.kind,
      signal,
      ...(interrupts && { onLeft: () => this.#abort(query) }),
    })
  }

  async *#embed(query: EmbedQuery, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    checkCapabilities(this.#catalog.get(query.model), query)
    const request = { path: '/v1/embeddings', json: openAiEmbedBody(query), repeatable: true }
    const reply = asObject(await this.#http.json(request, { signal }))
    const vectors = [...objectsOf(reply?.['data'])]
      .sort((a, b) => (asNumber(a['index']) ?? 0) - (asNumber(b['index']) ?? 0))
      .map((entry) => entry['embedding'])
    yield* embeddingEvents(this.kind, query, vectors, asNumber(asObject(reply?.['usage'])?.['prompt_tokens']))
  }

  /** KoboldCpp's own cancel; the key makes it end our work and nobody else's. Best effort: the connection is closed already. */
  #abort(query: Query): void {
    const request = { path: '/api/extra/abort', json: { genkey: genKey(query) } }
    this.#http.bytes(request, { signal: AbortSignal.timeout(ABORT_MS) }).catch(() => {
      // The engine has no such route or is gone: there is nothing left to stop, or nothing to stop it with.
    })
  }
}

/** KoboldCpp's name for one generation, letters and digits only. */
function genKey(query: Query): string {
  return `RM${query.id.replace(/[^A-Za-z0-9]/g, '').slice(0, 32)}`
}
