/** A gateway before a whole node without engines: what answers are the scripted engines of its peers, over the wire. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../../../core/logger.ts'
import type { ChatBody, Query } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import type { Clock } from '../../../core/run/clock.ts'
import type { RunOptions } from '../../../core/run/run-query.ts'
import { createGateway, type Gateway } from '../../../gateway/gateway.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { collect } from '../collect.ts'
import { FakeEngine, fakeModel } from '../fake-engine.ts'
import { type NodePair, nodePair } from '../node-pair.ts'
import { DOORS } from './doors.ts'
import { type DoorQueue, type DoorScript, type DoorWorld, type DoorWorlds, twinOf } from './world.ts'

const GATEWAY = { host: '127.0.0.1', port: 0, apiKeys: [], version: '0.0.0-test', drainMs: 1_000 }
const ABLE = {
  ...{ vision: true, tools: true, reasoning: true, structured: true },
  ...{ prefill: true, raw: true, logprobs: true },
}

/** What the rigs answer next, and what they saw. */
interface Playlist {
  scripts: readonly DoorScript[]
  served: Set<FakeEngine>
  last: Query | undefined
}

class ScriptedEngine extends FakeEngine {
  readonly #list: Playlist

  constructor(list: Playlist, models: readonly string[]) {
    const able = models.map((name) => fakeModel(name, { types: ['chat', 'vision'], capabilities: ABLE }))
    super({ kind: 'scripted', models: able })
    this.#list = list
  }

  override run(query: Query, { signal }: RunOptions): AsyncIterable<QueryEvent> {
    const [script, ...rest] = this.#list.scripts
    if (script === undefined) throw new Error('nothing is to be answered')
    if (rest.length > 0) this.#list.scripts = rest
    this.#list.last = query
    this.#list.served.add(this)
    return script(signal, query.body as ChatBody)
  }
}

/** The same nodes for all cases of all doors; the gateway is a new one for each. */
export class PeerWorlds implements DoorWorlds {
  readonly name = 'a peer'
  readonly #list: Playlist = { scripts: [], served: new Set(), last: undefined }
  #folder = ''
  #pair: NodePair | undefined
  #gateway: Gateway | undefined
  #queued = Promise.withResolvers<void>()
  #free = (): void => {}

  async open(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'realmesh-doors-'))
    const twins = DOORS.map(twinOf)
    const [engine, other] = [new ScriptedEngine(this.#list, ['tiny', ...twins]), new ScriptedEngine(this.#list, twins)]
    this.#pair = await nodePair({ folder: this.#folder, engine, others: [other] })
    watchQueue(this.#pair.asker, () => this.#queued.resolve())
  }

  async close(): Promise<void> {
    await this.#pair?.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async enter(clock: Clock): Promise<DoorWorld> {
    if (this.#pair === undefined) throw new Error('open it first')
    const { asker, rig } = this.#pair
    const list = this.#list
    list.last = undefined
    this.#queued = Promise.withResolvers()
    this.#gateway = createGateway({ node: asker, log: silentLogger, clock }, GATEWAY)
    await this.#gateway.start()
    return {
      port: Number(new URL(this.#gateway.url).port),
      servedBy: rig.peerId,
      play: (...scripts) => {
        list.scripts = scripts
        list.served.clear()
      },
      busy: () => this.#occupied(asker),
      rigs: () => list.served.size,
      asked: () => list.last?.body as ChatBody | undefined,
    }
  }

  async leave(): Promise<void> {
    this.#free()
    await this.#gateway?.stop()
  }

  /** Another user's question takes the only slot. */
  async #occupied(asker: RealmeshNode): Promise<DoorQueue> {
    const [runs, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    this.#free = free.resolve
    const holding: DoorScript = async function* () {
      runs.resolve()
      await free.promise
      yield { kind: 'end', finishReason: 'stop' }
    }
    this.#list.scripts = [holding, ...this.#list.scripts]
    const body = { messages: [{ role: 'user', content: 'take your time' }] } as const
    const { signal } = new AbortController()
    void collect(asker.query({ type: 'chat', model: 'tiny', user: 'another', body }, { signal }).events)
    await runs.promise
    return { told: this.#queued.promise, free: free.resolve }
  }
}

/** Calls `onQueued` when a word of a queue was taken from the node. */
function watchQueue(node: RealmeshNode, onQueued: () => void): void {
  const query = node.query.bind(node)
  node.query = (request, options) => {
    const accepted = query(request, options)
    return { ...accepted, events: passed(accepted.events) }
  }
  async function* passed(events: AsyncIterable<QueryEvent>): AsyncGenerator<QueryEvent> {
    for await (const event of events) {
      yield event
      if (event.kind === 'queued') onQueued()
    }
  }
}
