/**
 * What a node still holds when queries have ended in every way there is: no lane, no timer, no handle. The whole node
 * in this process, and beside it a serving peer whose lanes can be counted.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { loadConfig } from '../../../config/file/load-config.ts'
import { silentLogger } from '../../../core/logger.ts'
import type { Query } from '../../../core/query/query.ts'
import type { QueryEvent } from '../../../core/query/query-event.ts'
import { RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import type { RunOptions } from '../../../core/run/run-query.ts'
import { Libp2pLinks } from '../../../discovery/links/libp2p-links.ts'
import { loadFederationKey } from '../../../home/federation-key.ts'
import { homeFolder, prepareHome } from '../../../home/home-folder.ts'
import { createNode } from '../../../node/create-node.ts'
import type { RealmeshNode } from '../../../node/realmesh-node.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import { admits } from '../../support/admits.ts'
import { eventually } from '../../support/daemon.ts'
import { nodeLoad } from '../../support/routing.ts'
import { type SwarmNode, swarmNode } from '../../support/swarm-node.ts'
import { volume } from '../../support/volume.ts'

const ROUNDS = volume(60, 1_000)
const AT_ONCE = 10
const TOKENS = 20
/** Timers of the network that may run at the moment of counting. */
const SPARE_TIMERS = 5

/** How a query goes, by the word in its prompt. */
type Way = 'whole' | 'left' | 'failed' | 'cut'
const WAYS: readonly Way[] = ['whole', 'left', 'failed', 'cut']

describe('when queries have ended in every way', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realmesh-left-'))
  const surprises: unknown[] = []
  const onSurprise = (thrown: unknown): void => {
    surprises.push(thrown)
  }
  let node: RealmeshNode
  let rig: SwarmNode
  let server: QueryServer
  /** Queries that arrived at the rig, and how they went; one that broke off is asked for once more under its id. */
  const arrived = new Map<string, string>()
  const repeated: string[] = []
  let open = 0

  /** What keeps this process busy, by kind. */
  function held(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  async function* serve(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    const way = JSON.stringify(query.body)
    if (arrived.has(query.id)) repeated.push(way)
    arrived.set(query.id, way)
    open += 1
    try {
      yield { kind: 'start', node: rig.id, worker: 'w', engine: 'scripted', model: 'tiny' }
      if (way.includes('failed')) throw new RealmeshError('CONTEXT_TOO_LONG', 'scripted')
      for (let token = 0; token < TOKENS; token += 1) {
        await new Promise((resolve) => setImmediate(resolve))
        if (signal.aborted) throw toRealmeshError(signal.reason, 'CANCELLED')
        yield { kind: 'text', text: ` ${token}` }
        if (way.includes('cut') && token > 3) throw new RealmeshError('BAD_REQUEST', 'scripted')
        if (way.includes('left') && token > 3)
          await new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
      }
      yield { kind: 'end', finishReason: 'stop' }
    } finally {
      open -= 1
    }
  }

  it('no lane, timer or handle is left, alive or stopped', async () => {
    process.on('unhandledRejection', onSurprise).on('uncaughtException', onSurprise)
    const before = held()
    const home = homeFolder(folder)
    await prepareHome(home)
    const flags = { network: 'test', listen: ['/ip4/127.0.0.1/tcp/0'], noMdns: true, noDetect: true, noBuiltin: true }
    const { config } = await loadConfig({ home, flags, createFederationKey: true })
    node = await createNode({ config, home, log: silentLogger, version: '0.0.0' })
    await node.start()
    rig = await swarmNode({
      federationKey: await loadFederationKey(home, undefined),
      models: ['tiny'],
      bootstrap: node
        .addresses()
        .map((address) => multiaddr(address.includes('/p2p/') ? address : `${address}/p2p/${node.peerId}`)),
    })
    server = new QueryServer(
      {
        links: new Libp2pLinks({ libp2p: rig.libp2p }),
        admit: admits(serve),
        load: () => nodeLoad(Date.now() * 1_000),
      },
      { network: 'test' },
    )
    await server.start()
    await eventually('the rig is known', () => node.peers().some((peer) => peer.connected && peer.slots > 0))
    const endings = await askAll(AT_ONCE)
    // All are the query's own fault or the client's: a peer that is blamed would be left alone, and nothing more be
    // shown.
    const timersBefore = held()['Timeout'] ?? 0
    for (const [kind, count] of Object.entries(await askAll(ROUNDS))) endings[kind] = (endings[kind] ?? 0) + count
    await eventually('no query runs', () => node.status().queries.running === 0 && open === 0)
    // Lanes that were reset are closed by the other side, and timers of the network come and go.
    const left = (): string => `${server.stats().lanes} lanes and ${held()['Timeout'] ?? 0} timers`
    await eventually(
      'lanes and timers are back',
      () => server.stats().lanes <= AT_ONCE && (held()['Timeout'] ?? 0) <= timersBefore + SPARE_TIMERS,
    ).catch(() => assert.fail(`${left()} are left; there were ${timersBefore} timers`))
    assert.deepEqual(Object.keys(endings).sort(), ['ANSWER_CUT', 'CANCELLED', 'CONTEXT_TOO_LONG', 'done'])
    assert.equal(arrived.size, ROUNDS + AT_ONCE)
    assert.deepEqual(
      repeated.filter((way) => !way.includes('cut')),
      [],
    )
    await node.stop()
    await server.stop()
    await rig.stop()
    await eventually('nothing is held', () => {
      const now = held()
      return Object.keys(now).every(
        (kind) => kind === 'Immediate' || (now[kind] ?? 0) <= (before[kind] ?? 0) + (kind === 'Timeout' ? 1 : 0),
      )
    }).catch(() => assert.fail(`before ${JSON.stringify(before)}, now ${JSON.stringify(held())}`))
    process.off('unhandledRejection', onSurprise).off('uncaughtException', onSurprise)
    rmSync(folder, { recursive: true, force: true })
    assert.deepEqual(surprises, [])
  })

  async function askAll(count: number): Promise<Record<string, number>> {
    const endings: Record<string, number> = {}
    let asked = 0
    const client = async (): Promise<void> => {
      while (asked < count) {
        asked += 1
        const kind = await askOnce(WAYS[asked % WAYS.length] ?? 'whole')
        endings[kind] = (endings[kind] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, client))
    return endings
  }

  async function askOnce(way: Way): Promise<string> {
    const gone = new AbortController()
    let pieces = 0
    try {
      const body = { messages: [{ role: 'user' as const, content: way }] }
      const { events } = node.query({ type: 'chat', model: 'tiny', user: 'me', body }, { signal: gone.signal })
      for await (const event of events) {
        if (event.kind === 'text') pieces += 1
        if (way === 'left' && pieces === 3) gone.abort()
        if (event.kind === 'end') return 'done'
      }
      return 'no end'
    } catch (error) {
      return toRealmeshError(error).code
    }
  }
})
