/** The calls that an HTTP host of another federation takes, by `/api/federation`: one host, one connection pool. */
import type { TraceContext } from '../../core/query/trace-context.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import { splitAddress } from '../http/engine-access.ts'
import { HttpClient, MAX_STREAM_BYTES } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import type { HttpExchange } from '../http/http-exchange.ts'
import { asObject, type JsonObject } from '../http/json-shape.ts'
import { HOST_KIND, type HostState, readHostState } from './host-state.ts'

/** A host is another machine, often behind a home's router. */
const HOST_CONNECT_TIMEOUT_MS = 5_000

/** Lists of nodes and states are small; a host that sends more does not mean well. */
const MAX_TOLD_BYTES = 1024 * 1024

export interface HostAddress {
  /** A user and password may stand in it. */
  readonly url: string
  /** The shared token, sent as a bearer. @default none */
  readonly apiKey?: string | undefined
  /** Who it must say that it is. @default nothing is asked of it */
  readonly federationId?: string | undefined
}

/** What this side tells of itself. */
export interface HostGreeting {
  readonly federation_id: string
  readonly callback_url: string
}

export class HostClient {
  /** Without credentials. */
  readonly url: string
  readonly #http: HttpClient
  readonly #expected: string | undefined

  constructor({ url, apiKey, federationId }: HostAddress) {
    const address = splitAddress({ url, ...(apiKey === undefined ? {} : { apiKey }) })
    this.url = address.url
    this.#expected = federationId
    this.#http = new HttpClient({
      engine: HOST_KIND,
      url: address.url,
      access: address.access,
      connectTimeoutMs: HOST_CONNECT_TIMEOUT_MS,
    })
  }

  /** Throws `ENGINE_FAILED` for a host that says it is another one than was expected, and as `HttpClient` does. */
  async state(signal: CancelSignal): Promise<HostState> {
    const state = readHostState(await this.#told({ path: '/api/federation/status' }, signal))
    const expected = this.#expected ?? state.federationId
    if (state.federationId === expected) return state
    throw new RealmeshError('ENGINE_FAILED', `the host says that it is ${state.federationId}, not ${expected}`, {
      retryable: false,
      fix: 'look whether url or federation_id is wrong in federation_hosts',
    })
  }

  /** Asks a query; the reply's status is a success. `streams`: whether an answer in pieces is understood. */
  route(
    json: unknown,
    options: { readonly trace?: TraceContext | undefined; readonly signal: CancelSignal },
  ): Promise<HttpExchange> {
    const { trace, signal } = options
    const headers = { accept: 'application/x-ndjson, application/json' }
    const request = { path: '/api/federation/route', json, headers, trace }
    return this.#http.open(request, { signal, maxBytes: MAX_STREAM_BYTES })
  }

  /** Says who this side is. */
  async join(greeting: HostGreeting, signal: CancelSignal): Promise<JsonObject> {
    return await this.#told({ path: '/api/federation/join', json: greeting, repeatable: true }, signal)
  }

  /** Says what this side serves. */
  async advertise(advert: HostGreeting & { readonly services: object }, signal: CancelSignal): Promise<JsonObject> {
    return await this.#told({ path: '/api/federation/advertise', json: advert, repeatable: true }, signal)
  }

  /** Whom the host knows. */
  async discover(signal: CancelSignal): Promise<JsonObject> {
    return await this.#told({ path: '/api/federation/discover' }, signal)
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  async #told(request: Parameters<HttpClient['json']>[0], signal: CancelSignal): Promise<JsonObject> {
    const told = asObject(await this.#http.json(request, { signal, maxBytes: MAX_TOLD_BYTES }))
    if (told === undefined) throw garbage(HOST_KIND, 'something that is not an object')
    return told
  }
}
