/** A gateway in front of a scripted node, for RENT-A-HAL's sockets: with acts of the operator that its users feel. */

import type { WorkerStatus } from '../../core/model/worker.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { OperatorActs } from '../../gateway/admin/operator-acts.ts'
import type { GatewayInit } from '../../gateway/gateway.ts'
import type { ListedModel, NodeStatus, QueryRequest } from '../../node/api/node-api.ts'
import { fakeControl } from './fake-control.ts'
import { FAKE_START, FakeNode, listedModel } from './fake-node.ts'
import { ManualClock } from './manual-clock.ts'
import { HalClient, type HalClientInit } from './rentahal-client.ts'
import { type StartedGateway, startGateway } from './started-gateway.ts'

/** A node whose workers a test can set. */
export class HalNode extends FakeNode {
  workers: WorkerStatus[] = []

  override status(): NodeStatus {
    return { ...super.status(), workers: this.workers }
  }
}

export function worker(name: string, models: readonly string[], more: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    ...{ name, engine: 'rentahal', url: 'http://127.0.0.1:8000', healthy: true, health: 100, slots: 1, running: 0 },
    ...{ models, decodeRate: 0 },
    ...more,
  }
}

export function modelFor(name: string, ...types: ListedModel['model']['types']): ListedModel {
  const listed = listedModel(name)
  return { ...listed, model: { ...listed.model, types } }
}

/** What the node says of a query that took so many milliseconds. */
export function receiptOf({ type }: QueryRequest, totalMs: number): RouteReceipt {
  return { type, outcome: 'served', totalMs, attempts: [], id: 'r' } as unknown as RouteReceipt
}

/** Answers each type with what it is about: text, a picture, a transcript, sound. Each takes 500 ms, as it says. */
export async function* answered(request: QueryRequest): AsyncGenerator<QueryEvent> {
  yield FAKE_START
  if (request.type === 'imagine') yield { kind: 'image', index: 0, mediaType: 'image/png', data: Buffer.from('PNG') }
  else if (request.type === 'transcribe') yield { kind: 'text', text: ' what was said ' }
  else if (request.type === 'speak') yield { kind: 'audio', mediaType: 'audio/wav', data: Buffer.from('WAV') }
  else if (request.type === 'chat') yield { kind: 'text', text: `answer to ${textAsked(request)}` }
  yield { kind: 'end', finishReason: 'stop', receipt: receiptOf(request, 500) }
}

/** The text of a chat of one message. */
export function textAsked(request: QueryRequest): string {
  if (request.type !== 'chat') return ''
  const content = request.body.messages[0]?.content ?? ''
  return typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** The pictures of a chat of one message. */
export function picturesAsked(request: QueryRequest): readonly string[] {
  if (request.type !== 'chat') return []
  const content = request.body.messages[0]?.content ?? ''
  return typeof content === 'string' ? [] : content.flatMap((part) => (part.type === 'image' ? [part.data] : []))
}

/** More often than a node asks. */
const ALIVE_MS = 5_000

export class HalHouse {
  readonly node = new HalNode()
  readonly clock = new ManualClock()
  readonly control: OperatorActs
  readonly told: readonly (readonly [string, ...unknown[]])[]
  readonly #clients: HalClient[] = []
  #started: StartedGateway | undefined

  constructor() {
    const control = fakeControl()
    const { node } = this
    node.script = answered
    this.told = control.told
    const guidOf = (who: string): string => {
      for (const { guid, handle } of node.users.accounts.values()) if (guid === who || handle === who) return guid
      throw new RealmeshError('USER_NOT_FOUND', 'there is no such user')
    }
    this.control = {
      ...control,
      workers: { ...control.workers, list: () => node.workers },
      users: {
        ...control.users,
        list: async () => ({
          users: [...node.users.accounts.values()].map((user) => {
            return { ...user, servedCount: user.queryCount, promptTokens: 0, completionTokens: 0 }
          }),
          total: node.users.accounts.size,
        }),
        ban: async (who) => {
          node.users.ban(guidOf(who))
          return await node.users.enter(guidOf(who))
        },
        unban: async (who) => {
          node.users.unban(guidOf(who))
          return await node.users.enter(guidOf(who))
        },
      },
      queries: {
        ...control.queries,
        terminate: (which) => {
          node.users.tell('terminated', guidOf(which.user ?? ''))
          return 1
        },
      },
    }
  }

  get port(): number {
    return this.gateway.port
  }

  get gateway(): StartedGateway {
    if (this.#started === undefined) throw new Error('the house has not started')
    return this.#started
  }

  async start(init: Partial<GatewayInit> = {}): Promise<this> {
    this.#started = await startGateway(init, { node: this.node, clock: this.clock, control: this.control })
    return this
  }

  /** A client that was greeted. */
  async client(init: HalClientInit = {}): Promise<HalClient> {
    return await this.opening(init).greeted()
  }

  /** A client that is about to be. */
  opening(init: HalClientInit = {}): HalClient {
    const client = new HalClient(this.port, init)
    this.#clients.push(client)
    return client
  }

  /** Time passes, and clients say that they live, as long as they do. */
  async pass(ms: number, stepMs: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs)
      if (passed % ALIVE_MS < stepMs) await Promise.all(this.#clients.map((client) => client.alive()))
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.leave()
    this.#clients.length = 0
    await this.#started?.gateway.stop()
  }
}
