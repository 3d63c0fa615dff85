import { sameModel } from '../../core/model/model-name.ts'
import type { QueryEvent, StartEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Scope } from '../../core/scope.ts'
import type { SwarmSums } from '../../core/swarm-sums.ts'
import type {
  FoundText,
  KeepOptions,
  KeptResponses,
  KeptText,
  UnfinishedResponse,
} from '../../node/api/kept-responses.ts'
import type {
  AcceptedQuery,
  ListedModel,
  NodeApi,
  NodeStatus,
  PeerStatus,
  QueryRequest,
} from '../../node/api/node-api.ts'
import type { UserBatches } from '../../node/files/user-batches.ts'
import type { UserFiles } from '../../node/files/user-files.ts'
import { FakeFederation } from './fake-federation.ts'
import { FakeUsers } from './fake-users.ts'
import { MemoryUsers } from './memory-records.ts'
import { NO_DIRECT_WAYS } from './no-direct-ways.ts'

/** What a scripted node does with a query. */
export type Script = (request: QueryRequest, signal: AbortSignal) => AsyncIterable<QueryEvent>

export const FAKE_START: StartEvent = {
  kind: 'start',
  node: 'peer-that-serves',
  worker: 'ollama@home',
  engine: 'ollama',
  model: 'tiny:latest',
}

/** Events that are all there at once. */
export function scripted(...events: readonly QueryEvent[]): Script {
  return async function* () {
    yield* events
  }
}

/** An answer of these texts with a start before and an end behind. */
export function answering(...texts: readonly string[]): Script {
  return scripted(FAKE_START, ...texts.map((text): QueryEvent => ({ kind: 'text', text })), {
    kind: 'end',
    finishReason: 'stop',
    usage: { promptTokens: 5, completionTokens: texts.length },
  })
}

/** A failure after these events. */
export function failing(error: RealmeshError, ...events: readonly QueryEvent[]): Script {
  return async function* () {
    yield* events
    throw error
  }
}

/** Responses in memory. */
export class FakeResponses implements KeptResponses {
  readonly rows = new Map<string, FoundText & { readonly user: string; readonly id: string }>()
  /** Whether users keep history. */
  safe = true
  /** Holds back the acknowledgement of pieces. */
  syncing: Promise<unknown> = Promise.resolve()

  async keep(user: string, id: string, { at, text }: KeptText, { runs = false }: KeepOptions = {}): Promise<boolean> {
    const run = runs && this.safe ? ({ runs: 'here', pieces: [] } as const) : {}
    this.rows.set(`${user} ${id}`, { user, id, at, text, ...run })
    return this.safe
  }

  async append(user: string, id: string, piece: () => string): Promise<boolean> {
    await this.syncing
    const row = this.rows.get(`${user} ${id}`)
    if (row?.pieces === undefined) return false
    this.rows.set(`${user} ${id}`, { ...row, pieces: [...row.pieces, piece()] })
    return true
  }

  async find(user: string, id: string): Promise<FoundText | undefined> {
    return this.rows.get(`${user} ${id}`)
  }

  async remove(user: string, id: string): Promise<boolean> {
    return this.rows.delete(`${user} ${id}`)
  }

  async *unfinished(): AsyncGenerator<UnfinishedResponse> {
    for (const { user, id, runs } of [...this.rows.values()]) if (runs === 'here') yield { user, id }
  }
}

/** A node without a swarm: it answers by script and remembers what it was asked. */
export class FakeNode implements NodeApi {
  readonly peerId = 'this-peer'
  readonly asked: QueryRequest[] = []
  federation = new FakeFederation()
  responses = new FakeResponses()
  /** Files and batches. */
  kept = new MemoryUsers()
  readonly users = new FakeUsers()
  readonly receipts = new Map<string, { readonly user: string; readonly receipt: RouteReceipt }>()
  listed: ListedModel[] = [listedModel('tiny:latest')]
  script: Script = answering('Hello', ' world')
  draining = false
  /** What `/swarm` tells; undefined: nothing. */
  sums: SwarmSums | undefined

  query(request: QueryRequest, options: { readonly signal: AbortSignal }): AcceptedQuery {
    this.users.assertNotBanned(request.user)
    if (!this.#knows(request.model)) {
      throw new RealmeshError('MODEL_NOT_FOUND', `no node within reach has the model ${request.model}`, {
        fix: 'see GET /v1/models for the names',
      })
    }
    this.asked.push(request)
    return { id: request.id ?? `q-${this.asked.length}`, events: this.script(request, options.signal) }
  }

  models(_scope?: Scope): readonly ListedModel[] {
    return this.listed
  }

  model(name: string): ListedModel | undefined {
    return this.listed.find(({ model }) => sameModel(model.name, name))
  }

  status(): NodeStatus {
    return {
      peerId: this.peerId,
      name: 'desk',
      version: '0.0.0-test',
      network: 'test',
      federation: { id: 'f', label: 'home' },
      scope: 'home',
      share: 'home',
      addresses: [],
      reach: {
        ...{ dialable: 'yes', zone: 'private', relays: [], carried: { circuits: 0, bytes: 0 } },
        direct: NO_DIRECT_WAYS,
      },
      uptimeMs: 1,
      draining: this.draining,
      peers: { connected: 0, known: 0, paths: [], troubles: [], denied: [] },
      traffic: { sent: 0, received: 0, parts: {}, background: { bytes: 0, mbPerDay: 500, spent: false } },
      realms: [],
      workers: [],
      queries: { running: 0, served: this.asked.length, failed: 0, forwarded: 0 },
      routing: { cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 },
      waysIn: {
        first: { way: 'mdns', peer: 'peer-b', afterMs: 812 },
        bootstrap: [],
        unresolved: [],
        tried: [],
        next: [],
      },
      hedges: { made: 3, saved: 1.5 },
      degraded: false,
      warnings: [],
    }
  }

  swarm(): SwarmSums | undefined {
    return this.sums
  }

  async figures(): Promise<string> {
    return '# HELP libp2p_x x\n# TYPE libp2p_x gauge\nlibp2p_x 1\n'
  }

  peers(): readonly PeerStatus[] {
    return []
  }

  async receipt(id: string, user: string): Promise<RouteReceipt | undefined> {
    const kept = this.receipts.get(id)
    return kept?.user === user ? kept.receipt : undefined
  }

  get files(): UserFiles {
    return this.kept.files
  }

  get batches(): UserBatches {
    return this.kept.batches
  }

  #knows(model: string): boolean {
    return model === '' || model === 'auto' || this.listed.some((listed) => listed.model.name.startsWith(model))
  }
}

export function listedModel(name: string): ListedModel {
  return {
    model: {
      name,
      types: ['chat'],
      capabilities: { vision: false, tools: true, reasoning: false, structured: true, prefill: true },
    },
    nodes: ['peer-that-serves'],
    loaded: [],
    local: false,
    engines: [],
  }
}
