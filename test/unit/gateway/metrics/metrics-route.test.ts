import assert from 'node:assert/strict'
import type { NodeStatus, RealmStatus } from '../../../../node/api/node-api.ts'
import { type MetricFamily, parseExposition } from '../../../support/exposition.ts'
import { FakeNode } from '../../../support/fake-node.ts'
import { HELLO, type Received, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

const REALM: RealmStatus = {
  ...{ name: '$CHAT', primaryQueryType: 'chat', workers: 1, peers: 0, slots: 4, running: 2, queued: 3 },
  ...{ processedQueries: 7, errorCount: 1, avgProcessingTime: 0.25, processingTimes: [0.25], crossRealm: 0 },
  ...{ utilization: { desk: 0.5 }, pools: [] },
}

/** A node that tells what the test wants. */
class ToldNode extends FakeNode {
  told: Partial<NodeStatus> = { realms: [REALM] }

  override status(): NodeStatus {
    return { ...super.status(), ...this.told }
  }
}

describe('GET /metrics', () => {
  let node: ToldNode
  let started: StartedGateway
  beforeEach(async () => {
    node = new ToldNode()
    started = await startGateway({}, { node })
  })
  afterEach(() => started.gateway.stop())

  const get = (headers: Record<string, string> = {}): Promise<Received> =>
    send(started.port, { path: '/metrics', method: 'GET', headers })
  const read = async (): Promise<ReadonlyMap<string, MetricFamily>> => parseExposition((await get()).text)
  const samplesOf = (families: ReadonlyMap<string, MetricFamily>, name: string): unknown =>
    families.get(name)?.samples.get(name)

  it('is what Prometheus reads, and whole: ours, RENT-A-HAL’s, those of the process and libp2p’s', async () => {
    const { status, headers } = await get()
    assert.equal(status, 200)
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    const families = await read()
    const realm = { realm: '$CHAT' }
    assert.deepEqual(samplesOf(families, 'realmesh_hedges_made_total'), [{ labels: {}, value: 3 }])
    assert.deepEqual(samplesOf(families, 'realmesh_realm_queued'), [{ labels: realm, value: 3 }])
    assert.deepEqual(samplesOf(families, 'rentahal_queries_total'), [{ labels: realm, value: 7 }])
    assert.deepEqual(samplesOf(families, 'rentahal_errors_total'), [{ labels: realm, value: 1 }])
    assert.deepEqual(samplesOf(families, 'rentahal_processing_time_seconds'), [{ labels: realm, value: 0.25 }])
    assert.deepEqual(samplesOf(families, 'rentahal_connections'), [{ labels: realm, value: 0 }])
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'libp2p_x']) {
      assert.ok(families.has(name), name)
    }
  })

  it('tells how long the first peer took and by which way it came, once there was one', async () => {
    const name = 'realmesh_first_peer_seconds'
    assert.deepEqual(samplesOf(await read(), name), [{ labels: { way: 'mdns' }, value: 0.812 }])
    node.told = { waysIn: { bootstrap: [], unresolved: [], tried: [], next: [] } }
    assert.deepEqual(samplesOf(await read(), name) ?? [], [])
  })

  it('calls a counter what only rises and ends in _total, and nothing else', async () => {
    for (const [name, { type }] of await read()) {
      if (/^(?:realmesh|rentahal)_/.test(name)) assert.equal(type === 'counter', name.endsWith('_total'), name)
    }
  })

  it('tells of a realm and a worker that went nothing more, and of theirs the same however often it is asked', async () => {
    const worker = {
      ...{
        name: 'desk',
        engine: 'ollama',
        url: 'http://127.0.0.1:1',
        healthy: true,
        health: 100,
        slots: 4,
        running: 1,
      },
      ...{ models: [], decodeRate: 0 },
    }
    node.told = { realms: [REALM, { ...REALM, name: '$GONE' }], workers: [worker] }
    await read()
    await read()
    node.told = { realms: [REALM], workers: [] }
    const families = await read()
    assert.deepEqual(samplesOf(families, 'rentahal_queries_total'), [{ labels: { realm: '$CHAT' }, value: 7 }])
    assert.equal(samplesOf(families, 'realmesh_worker_running'), undefined)
  })

  it('does not grow with users, models and peers', async () => {
    // What the process has open, and which kinds of garbage it collected, come and go.
    const count = async (): Promise<number> =>
      (await get()).text.split('\n').filter((line) => /^(?:realmesh|rentahal|libp2p)_/.test(line)).length
    for (let i = 0; i < 3; i += 1) await send(started.port, { body: HELLO })
    const before = await count()
    const listed = node.listed[0] ?? assert.fail()
    node.listed = Array.from({ length: 10_000 }, (_, i) => ({
      ...listed,
      model: { ...listed.model, name: `tiny-${i}` },
      nodes: [`peer-${i}`],
    }))
    for (let i = 0; i < 200; i += 1)
      await send(started.port, { body: { ...HELLO, model: `tiny-${i}`, user: `u-${i}` } })
    assert.equal(await count(), before)
  })

  it('is JSON by RENT-A-HAL’s names for programs that ask for it', async () => {
    const { headers, text } = await get({ accept: 'application/json' })
    assert.match(headers['content-type'] ?? '', /^application\/json/)
    assert.equal(headers.vary, 'accept')
    assert.deepEqual(JSON.parse(text), {
      realm_stats: {
        $CHAT: {
          ...{ connections: 0, messages_processed: 0, peak_connections: 0 },
          ...{ processed_queries: 7, error_count: 1, avg_processing_time: 0.25 },
        },
      },
      federation_stats: { cross_realm_queries: 0, cross_federation_queries: 0, failed_routes: 0 },
    })
    const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'
    assert.match((await get({ accept: prometheus })).headers['content-type'] ?? '', /^text\/plain/)
  })
})
