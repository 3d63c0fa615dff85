/** Who may have the node examined, and what is asked of the doctor. */
import assert from 'node:assert/strict'
import { hashKey } from '../../../../gateway/door/credentials.ts'
import { fakeControl } from '../../../support/fake-control.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

const TOKEN = 'the-right-admin-token'
const USER_KEY = 'sk-user'

describe('GET /api/doctor', () => {
  let started: StartedGateway
  let control: ReturnType<typeof fakeControl>

  beforeEach(async () => {
    control = fakeControl()
    started = await startGateway(
      { adminTokenHash: hashKey(TOKEN), apiKeys: [{ hash: hashKey(USER_KEY) }] },
      { control },
    )
  })

  afterEach(async () => {
    await started.gateway.stop()
  })

  const get = (query: string, key: string | undefined): Promise<Received> =>
    send(started.port, {
      path: `/api/doctor${query}`,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    })

  it('is for the operator only', async () => {
    for (const key of [undefined, USER_KEY, `${TOKEN}x`]) assert.equal((await get('', key)).status, 401)
    assert.deepEqual(control.told, [])
    const { status, text, headers } = await get('', TOKEN)
    assert.deepEqual([status, JSON.parse(text)], [200, { state: 'ok', findings: [] }])
    assert.equal(headers['cache-control'], 'no-store')
    assert.deepEqual(control.told, [['doctor.examine']])
  })

  it('asks about a peer, and a model that it is to serve', async () => {
    await get('?peer=attic', TOKEN)
    await get('?peer=attic&model=tiny', TOKEN)
    assert.deepEqual(control.told, [
      ['doctor.about', 'attic', undefined],
      ['doctor.about', 'attic', 'tiny'],
    ])
  })

  it('refuses what it does not know', async () => {
    assert.equal((await get('?per=attic', TOKEN)).status, 400)
    assert.equal((await get('?peer=', TOKEN)).status, 400)
  })
})
