/**
 * An HTTP host of another federation as an engine: RENT-A-HAL's, which answers in one piece, or another realmesh
 * gateway, which streams. What it runs and for whom is its owner's business.
 */
import type { Model } from '../../core/model/model.ts'
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine, EngineLoad } from '../adapter/engine.ts'
import { ModelCatalog } from '../adapter/model-catalog.ts'
import { answerStream, type OpenAnswer } from '../http/answer-stream.ts'
import { type HostAddress, HostClient } from './host-client.ts'
import { HostDecoder } from './host-decoder.ts'
import { hostBody } from './host-request.ts'
import { HOST_KIND, type HostState, isHostQueryType } from './host-state.ts'

/** The models of hosts that tell none. */
const NAMELESS = 'federation/'

export class RentAHalHostEngine implements Engine {
  readonly kind = HOST_KIND
  readonly url: string
  readonly cancelMode = 'disconnect'
  /** RENT-A-HAL runs a realm's queries one by one. */
  readonly defaultSlots = 1
  /** Queries leave the owner's machines. */
  readonly cloud = true
  readonly #client: HostClient
  readonly #catalog = new ModelCatalog()
  #state: HostState | undefined

  constructor(address: HostAddress) {
    this.#client = new HostClient(address)
    this.url = this.#client.url
  }

  async models({ signal }: { readonly signal: CancelSignal }): Promise<readonly Model[]> {
    this.#state = await this.#client.state(signal)
    return this.#catalog.replace(this.#state.models)
  }

  run(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const { type, trace, model } = query
    if (!isHostQueryType(type)) throw typeRefused(HOST_KIND, query)
    const decoder = new HostDecoder(type)
    const open: OpenAnswer = async () => {
      const known = this.#catalog.get(model)
      // That a host draws or sees is known by its own word only.
      if (known === undefined && type !== 'chat') throw typeRefused(HOST_KIND, query)
      checkCapabilities(known, query)
      checkSettings(HOST_KIND, query)
      const exchange = await this.#client.route(hostBody(query, !model.startsWith(NAMELESS)), { trace, signal })
      const { headers } = await exchange.head()
      decoder.streams = headers['content-type']?.startsWith('application/x-ndjson') === true
      return exchange
    }
    return answerStream(open, decoder, { engine: HOST_KIND, signal })
  }

  async load({ signal }: { readonly signal: CancelSignal }): Promise<EngineLoad> {
    this.#state ??= await this.#client.state(signal)
    const { slots } = this.#state
    return slots === undefined ? {} : { slots }
  }

  async probe({ signal }: { readonly signal: CancelSignal }): Promise<void> {
    await this.#client.state(signal)
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
