/**
 * A stock RENT-A-HAL worker: one question, one answer, no stream, no cancel, one at a time. It does not tell what it
 * serves, so its owner says by the kind whether it sees images.
 */

import type { Model } from '../../core/model/model.ts'
import { isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { splitAddress } from '../http/engine-access.ts'
import { parseEngineJson } from '../http/engine-json.ts'
import { type EngineRequest, HttpClient, MAX_JSON_BYTES } from '../http/http-client.ts'
import { garbage, statusError } from '../http/http-errors.ts'
import type { HttpExchange } from '../http/http-exchange.ts'
import { asObject, asString } from '../http/json-shape.ts'
import { rentAHalBody } from './rentahal-request.ts'

export interface RentAHalInit {
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string
  /** Whether it takes an image. @default false */
  readonly vision?: boolean
}

export class RentAHalEngine implements Engine {
  readonly kind: 'rentahal' | 'rentahal-vision'
  readonly url: string
  readonly cancelMode = 'none'
  readonly defaultSlots = 1
  readonly #http: HttpClient
  readonly #model: Model
  /** Newer workers have the trailing slash, others answer without; remembered after the first answer. */
  #path = '/predict/'

  constructor({ vision = false, ...address }: RentAHalInit) {
    const { url, access } = splitAddress(address)
    this.kind = vision ? 'rentahal-vision' : 'rentahal'
    this.url = url
    this.#http = new HttpClient({ engine: this.kind, url, access })
    this.#model = {
      name: `${this.kind}-worker`,
      types: vision ? ['vision', 'chat'] : ['chat'],
      capabilities: { vision, tools: false, reasoning: false, structured: false, prefill: false },
    }
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    await this.probe({ signal })
    return [this.#model]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    if (!isChat(query)) throw typeRefused(this.kind, query)
    checkCapabilities(this.#model, query)
    checkSettings(this.kind, query)
    const text = await this.#predict(rentAHalBody(query), query, signal)
    if (text !== '') yield { kind: 'text', text }
    yield { kind: 'end', finishReason: 'stop' }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#http.bytes({ path: '/health' }, { signal })
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  async #predict(json: unknown, { trace }: Query, signal: CancelSignal): Promise<string> {
    const exchange = await this.#post({ json, trace }, signal)
    let reply: unknown
    try {
      reply = parseEngineJson((await exchange.readAll()).toString('utf8'))
    } catch (cause) {
      if (cause instanceof SyntaxError) throw garbage(this.kind, 'something that is not JSON', cause)
      throw cause
    }
    const text = asString(asObject(reply)?.['response'])
    if (text === undefined) throw garbage(this.kind, 'an answer without a response')
    return text
  }

  /**
   * Follows one redirect between `/predict` and `/predict/`, and nothing else: an engine does not choose where a prompt
   * goes.
   */
  async #post(what: Pick<EngineRequest, 'json' | 'trace'>, signal: CancelSignal): Promise<HttpExchange> {
    const request = (path: string): EngineRequest => ({ path, ...what })
    const options = { signal, maxBytes: MAX_JSON_BYTES }
    // Several queries may find out at once, so each goes by what it tried itself.
    const tried = this.#path
    const first = this.#http.send(request(tried), options)
    const { status, headers } = await first.head()
    if (status >= 200 && status < 300) return first
    const text = (await first.readAll()).toString('utf8')
    if (status !== 307 && status !== 308 && status !== 404) throw statusError(this.kind, status, headers, bodyOf(text))
    const other = tried === '/predict/' ? '/predict' : '/predict/'
    const second = await this.#http.open(request(other), options)
    this.#path = other
    return second
  }
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
