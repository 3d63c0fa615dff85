/** RENT-A-HAL's requests for realms, as its documents write them, against a gateway in front of a real node's control. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { hashKey } from '../../../gateway/door/credentials.ts'
import type { RealmStatus } from '../../../node/api/node-api.ts'
import { fakeControl } from '../../support/fake-control.ts'
import { FakeNode } from '../../support/fake-node.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const TOKEN = 'the-admin-token'

const row = (name: string, primaryQueryType: string): RealmStatus => ({
  ...{ name, primaryQueryType, workers: 1, peers: 0, slots: 0, running: 0, queued: 0, processedQueries: 0 },
  ...{ errorCount: 0, avgProcessingTime: 0, processingTimes: [], crossRealm: 0, utilization: {}, pools: [] },
})

class Realms extends FakeNode {
  rows = [row('$CHAT', 'chat'), row('$VISION', 'vision'), row('$IMAGINE', 'imagine')]

  override status() {
    return { ...super.status(), realms: this.rows }
  }
}

describe('RENT-A-HAL’s paths for realms', () => {
  let node: Realms
  let control: ReturnType<typeof fakeControl>
  let started: StartedGateway

  beforeEach(async () => {
    node = new Realms()
    control = fakeControl()
    started = await startGateway({ adminTokenHash: hashKey(TOKEN) }, { node, control })
  })

  afterEach(() => started.gateway.stop())

  /** The path is sent as it is: `$` and `%24` alike. */
  const call = (
    method: string,
    path: string,
    body?: object,
    token = TOKEN,
  ): Promise<{ status: number; json: unknown }> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const sent = request(
        { port: started.port, method, path, headers: body === undefined ? {} : headers },
        (reply) => {
          let text = ''
          reply.on('data', (chunk) => {
            text += String(chunk)
          })
          reply.on('end', () => resolve({ status: reply.statusCode ?? 0, json: JSON.parse(text) }))
        },
      )
      if (method === 'DELETE') sent.setHeader('authorization', headers.authorization)
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })

  it('list on a fresh node exactly what its documents expect, without a token', async () => {
    const { status, json } = await call('GET', '/api/admin/realms')
    assert.equal(status, 200)
    assert.equal(
      JSON.stringify(json),
      JSON.stringify({
        realms: [
          { name: '$CHAT', primary_query_type: 'chat', workers: 0, pools: [], metrics: {} },
          { name: '$VISION', primary_query_type: 'vision', workers: 0, pools: [], metrics: {} },
          { name: '$IMAGINE', primary_query_type: 'imagine', workers: 0, pools: [], metrics: {} },
        ],
      }),
    )
  })

  it('fill the metrics once there is something to count', async () => {
    node.rows = [
      {
        ...row('$CHAT', 'chat'),
        ...{ processedQueries: 2, errorCount: 1, processingTimes: [0.5, 1.5], crossRealm: 3 },
        ...{ utilization: { desk: 0.5, lamp: 0 }, pools: ['fast'] },
      },
    ]
    const { json } = await call('GET', '/api/admin/realms')
    assert.deepEqual(json, {
      realms: [
        {
          ...{ name: '$CHAT', primary_query_type: 'chat', workers: 2, pools: ['fast'] },
          metrics: {
            queries_processed: 2,
            errors: 1,
            processing_times: [0.5, 1.5],
            worker_utilization: { desk: 0.5, lamp: 0 },
            connection_count: 0,
            cross_realm_requests: 3,
          },
        },
      ],
    })
  })

  it('add a realm, with its configuration or without', async () => {
    const made = { name: '$EMBED', primary_query_type: 'embed' }
    assert.deepEqual(await call('POST', '/api/admin/realms', made), {
      status: 200,
      json: {
        ...{ status: 'success', realm: '$EMBED', lasts: 'written', file: '/home/realms.yml' },
        ...{ restart: [], problems: [] },
      },
    })
    await call('POST', '/api/admin/realms', { ...made, config: { min_workers: 1, max_workers: 2 } })
    assert.deepEqual(control.told, [
      ['realms.set', '$EMBED', { primary_query_type: 'embed' }],
      ['realms.set', '$EMBED', { primary_query_type: 'embed', min_workers: 1, max_workers: 2 }],
    ])
  })

  for (const name of ['$CODE', '%24CODE']) {
    it(`change and remove a realm named ${name}`, async () => {
      const changed = await call('PUT', `/api/admin/realms/${name}`, { config: { max_workers: 9 } })
      assert.equal((changed.json as { status?: string }).status, 'success')
      await call('PUT', `/api/admin/realms/${name}`, { primary_query_type: 'vision' })
      assert.equal((await call('DELETE', `/api/admin/realms/${name}`)).status, 200)
      assert.deepEqual(control.told, [
        ['realms.change', '$CODE', { max_workers: 9 }],
        ['realms.change', '$CODE', { primary_query_type: 'vision' }],
        ['realms.remove', '$CODE'],
      ])
    })
  }

  const mistakes: readonly (readonly [
    method: string,
    path: string,
    body: object | undefined,
    error: string,
    code: string,
  ])[] = [
    ['POST', '', { name: '$X' }, 'Missing required fields', 'bad_request'],
    ['POST', '', {}, 'Missing required fields', 'bad_request'],
    ['POST', '', { name: '$CHAT', primary_query_type: 'chat' }, 'Realm already exists', 'config_invalid'],
    ['PUT', '/$NONE', { config: {} }, 'Realm does not exist', 'realm_not_found'],
    ['DELETE', '/$NONE', undefined, 'Realm does not exist', 'realm_not_found'],
    [
      ...(['DELETE', '/%24CHAT', undefined] as const),
      'Cannot delete realm $CHAT as it is the primary realm for chat',
      'config_invalid',
    ],
  ]
  for (const [method, path, body, error, code] of mistakes) {
    it(`${method} ${path} ${JSON.stringify(body)} is answered with 200 and "${error}"`, async () => {
      assert.deepEqual(await call(method, `/api/admin/realms${path}`, body), { status: 200, json: { error, code } })
      assert.deepEqual(control.told, [])
    })
  }

  it('let in the operator only where they change something', async () => {
    const made = { name: '$EMBED', primary_query_type: 'embed' }
    assert.equal((await call('POST', '/api/admin/realms', made, 'wrong')).status, 401)
    assert.equal((await call('PUT', '/api/admin/realms/$CODE', {}, 'wrong')).status, 401)
    assert.deepEqual(control.told, [])
  })
})
