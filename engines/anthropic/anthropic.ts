/** Anthropic's Messages API: Claude in the cloud, and the few local servers that speak the same. */

import type { Model } from '../../core/model/model.ts'
import { isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { SamplingValues } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { samplingIn } from '../adapter/sampling.ts'
import { answerStream, type OpenAnswer } from '../http/answer-stream.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asObject, asString, objectsOf } from '../http/json-shape.ts'
import { AnthropicDecoder } from './anthropic-decoder.ts'
import { anthropicBody } from './anthropic-request.ts'

const API_VERSION = '2023-06-01'

const USUAL_URL = 'https://api.anthropic.com'

export interface AnthropicInit {
  /** Empty: the maker's own, `https://api.anthropic.com`. */
  readonly url: string
  readonly apiKey: string
}

export class AnthropicEngine implements Engine {
  readonly kind = 'anthropic'
  readonly url: string
  readonly cancelMode = 'disconnect'
  readonly defaultSlots = 4
  readonly cloud = true
  readonly #http: HttpClient
  readonly #catalog = new ModelCatalog()

  constructor({ url, apiKey }: AnthropicInit) {
    if (apiKey === '') {
      throw new RealmeshError('CONFIG_INVALID', 'the engine anthropic has no key', {
        fix: 'set its key_env or key_file',
      })
    }
    const address = splitAddress({ url: url || USUAL_URL })
    this.url = address.url.replace(/\/v1$/, '')
    this.#http = new HttpClient({
      engine: this.kind,
      url: this.url,
      access: address.access,
      headers: { 'x-api-key': apiKey, 'anthropic-version': API_VERSION },
    })
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    const reply = asObject(await this.#http.json({ path: '/v1/models?limit=1000' }, { signal }))
    if (!Array.isArray(reply?.['data'])) throw garbage(this.kind, 'a model list without data')
    const names = objectsOf(reply['data']).flatMap((entry) => asString(entry['id']) ?? [])
    return this.#catalog.replace(names.map(claude))
  }

  run(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    let sent: SamplingValues | undefined
    const open: OpenAnswer = async ({ headWithinMs }) => {
      if (!isChat(query)) throw typeRefused(this.kind, query)
      checkCapabilities(this.#catalog.get(query.model), query)
      checkSettings(this.kind, query)
      const json = anthropicBody(query)
      sent = samplingIn(json)
      const request = { path: '/v1/messages', json, repeatable: true, trace: query.trace }
      return await this.#http.open(request, { signal, headWithinMs })
    }
    return answerStream(open, new AnthropicDecoder({ engine: this.kind, queryId: query.id }), {
      engine: this.kind,
      signal,
      sent: () => sent,
    })
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.bytes({ path: '/v1/models?limit=1' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }
}

/** The list tells names only. A given start is refused: the newer models answer anew instead of continuing. */
function claude(name: string): Model {
  return {
    name,
    types: ['chat', 'vision'],
    capabilities: { vision: true, tools: true, reasoning: true, structured: false, prefill: false },
  }
}
