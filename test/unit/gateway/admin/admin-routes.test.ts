/** Who may use the admin routes, and what they make of a body. */
import assert from 'node:assert/strict'
import { ADMIN_ACTIONS } from '../../../../gateway/admin/admin-actions.ts'
import { ADMIN_FAILURES_WINDOW_MS, MAX_ADMIN_FAILURES } from '../../../../gateway/admin/admin-failures.ts'
import { hashKey } from '../../../../gateway/door/credentials.ts'
import { fakeControl } from '../../../support/fake-control.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { type Received, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

const TOKEN = 'the-right-admin-token'
const USER_KEY = 'sk-user'

/** A body that each route takes. */
const BODIES: Readonly<Record<string, object>> = {
  pause: { ms: 60_000 },
  resume: {},
  'node/drain': {},
  'node/undrain': {},
  backup: { directory: '/var/backups/realmesh' },
  'config/get': { path: 'node.http' },
  'config/set': { path: 'node.scope', value: 'home' },
  'config/validate': {},
  'config/diff': {},
  'config/reload': {},
  'keys/list': {},
  'keys/add': { key: { label: 'laptop' } },
  'keys/change': { name: 'laptop', changes: { tokens_per_day: null } },
  'keys/remove': { name: 'laptop' },
  'keys/reload': {},
  'keys/usage': {},
  'workers/list': {},
  'workers/add': { worker: { name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:1' } },
  'workers/change': { worker: { name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:1', slots: 2 } },
  'workers/drain': { name: 'desk' },
  'workers/undrain': { name: 'desk' },
  'workers/remove': { name: 'desk' },
  'workers/test': { name: 'desk' },
  'engines/list': {},
  'engines/look': {},
  'realms/set': { name: '$CHAT', realm: { primary_query_type: 'chat' } },
  'realms/change': { name: '$CHAT', changes: { min_workers: 0 } },
  'realms/remove': { name: '$CHAT' },
  'invitations/create': { kind: 'home', hours: 24, uses: 1 },
  'invitations/list': {},
  'invitations/revoke': { id: '0011223344556677' },
  'invitations/join': { text: 'realmesh:AAAA' },
  'pairings/list': {},
  'pairings/begin': { peer: 'attic' },
  'pairings/answer': { peer: 'attic', digits: '012345' },
  'pairings/wait': { peer: 'attic', state: 'asked' },
  'pools/list': {},
  'pools/set': { realm: '$CHAT', name: 'fast' },
  'pools/remove': { realm: '$CHAT', name: 'fast' },
  'pools/join': { realm: '$CHAT', name: 'fast', worker: 'desk' },
  'pools/leave': { realm: '$CHAT', name: 'fast', worker: 'desk' },
  'peers/list': {},
  'peers/block': { peer: 'spammer' },
  'peers/unblock': { peer: 'spammer' },
  'peers/friend': { peer: 'neighbour', until: '2040-01-31' },
  'peers/unfriend': { federation: '12D3KooWA1bFSrNgHDGJ4rTuHhbSG6b8GTq6RNSKVFCvHNX7SAhL' },
  'peers/name': { peer: 'abcd', name: 'desk' },
  'shards/status': {},
  'shards/add': { name: 'shard5' },
  'shards/drain': { name: 'shard5' },
  'shards/repair': { name: 'shard5' },
  'shards/rebalance': {},
  'shards/verify': {},
  'users/list': {},
  'users/export': { guid: 'g' },
  'users/erase': { guid: 'g' },
  'users/settings': { guid: 'g', history: true },
  'users/ban': { guid: 'g' },
  'users/unban': { guid: 'g' },
  'users/sysop': { guid: 'g', on: true },
  'users/history': { guid: 'g', limit: 5, texts: true },
  'users/credit': { guid: 'g', credits: -2.5 },
  'queries/list': {},
  'queries/terminate': { user: 'u.1' },
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

describe('admin routes', () => {
  let started: StartedGateway
  let control: ReturnType<typeof fakeControl>
  let clock: ManualClock

  beforeEach(async () => {
    control = fakeControl()
    clock = new ManualClock()
    started = await startGateway(
      { adminTokenHash: hashKey(TOKEN), apiKeys: [{ hash: hashKey(USER_KEY) }] },
      { control, clock },
    )
  })

  afterEach(async () => {
    await started.gateway.stop()
  })

  const post = (name: string, headers: Record<string, string>, body: unknown = BODIES[name] ?? {}): Promise<Received> =>
    send(started.port, { method: 'POST', path: `/api/admin/${name}`, headers, body })

  it('are all in the table of this test', () => {
    assert.deepEqual(Object.keys(BODIES).sort(), Object.keys(ADMIN_ACTIONS).sort())
  })

  for (const name of Object.keys(ADMIN_ACTIONS)) {
    it(`${name} acts for the admin token only`, async () => {
      const refused: readonly Record<string, string>[] = [
        {},
        bearer(USER_KEY),
        { 'x-api-key': USER_KEY },
        bearer('wrong'),
        bearer(TOKEN.slice(0, -1)),
        bearer(hashKey(TOKEN)),
        { ...bearer(TOKEN), 'x-api-key': 'another' },
        { authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` },
        { cookie: `token=${TOKEN}` },
      ]
      for (const headers of refused) {
        const { status, text } = await post(name, headers)
        assert.equal(status, 401, JSON.stringify(headers))
        assert.ok(!text.includes(TOKEN))
      }
      assert.deepEqual(control.told, [])
      const { status, text, headers } = await post(name, bearer(TOKEN))
      assert.equal(status, 200, text)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(control.told.length, 1)
    })
  }

  it('let the owner in everywhere else too, so that his commands work where others need a key', async () => {
    const status = async (key: string) =>
      (await send(started.port, { path: '/api/status', headers: bearer(key) })).status
    assert.equal(await status(TOKEN), 200)
    assert.equal(await status(`${TOKEN}x`), 401)
  })

  it('refuse pages of other origins and other names of the host, with the right token too', async () => {
    for (const foreign of [
      { origin: 'https://evil.example' },
      { host: 'evil.example' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      assert.equal((await post('pause', { ...bearer(TOKEN), ...foreign })).status, 403, JSON.stringify(foreign))
    }
    assert.deepEqual(control.told, [])
  })

  it('take JSON only, and from a browser only what is declared as such', async () => {
    const form = { ...bearer(TOKEN), 'content-type': 'text/plain', 'user-agent': 'Mozilla/5.0' }
    assert.equal((await post('resume', form, '{}')).status, 415)
    assert.equal((await post('resume', bearer(TOKEN), '{')).status, 400)
    assert.deepEqual(control.told, [])
  })

  it('do not answer GET, with which a link could be followed', async () => {
    const { status } = await send(started.port, { path: '/api/admin/shards/status', headers: bearer(TOKEN) })
    assert.notEqual(status, 200)
    assert.deepEqual(control.told, [])
  })

  const wrong: readonly (readonly [name: string, body: unknown, where: RegExp])[] = [
    ['pause', { ms: 0 }, /^ms: /],
    ['pause', { ms: 1.5 }, /^ms: /],
    ['pause', { ms: 30 * 86_400_000 }, /^ms: .*24 days/],
    ['pause', { minutes: 3 }, /minutes/],
    ['pause', [], /^body: /],
    ['backup', { directory: 'relative/place' }, /^directory: .*absolute/],
    ['workers/add', {}, /^worker: expected object/],
    ['workers/drain', { name: '' }, /^name: /],
    ['realms/set', { name: 7, realm: { primary_query_type: 'chat' } }, /^name: /],
    ['shards/add', { name: 'shard5', connection_string: '' }, /^connection_string: /],
    ['shards/rebalance', { names: [] }, /^names: /],
    ['workers/add', { worker: {}, lasts: 'for ever' }, /^lasts: /],
    ['workers/test', {}, /^body: |^name: /],
    ['peers/friend', {}, /either peer or federation/],
    ['peers/friend', { peer: 'a', federation: 'b' }, /either peer or federation/],
    ['peers/name', { peer: 'a' }, /^name: /],
    ['config/set', { path: 'node.scope' }, /^value: /],
    ['users/history', { guid: 'g', limit: 0 }, /^limit: /],
    ['users/credit', { guid: 'g' }, /^credits: /],
    ['queries/terminate', {}, /id, user, or both/],
    ['users/erase', {}, /^guid: /],
    ['users/erase', { guid: '' }, /^guid: /],
    ['users/settings', { guid: 'g', history: 'yes' }, /^history: /],
  ]
  for (const [name, body, where] of wrong) {
    it(`${name} refuses ${JSON.stringify(body)} and names the field`, async () => {
      const { status, text } = await post(name, bearer(TOKEN), body)
      assert.equal(status, 400)
      assert.match(JSON.parse(text).error, where)
      assert.deepEqual(control.told, [])
    })
  }

  it('give the node what the body says, defaults filled in', async () => {
    await post('pause', bearer(TOKEN), {})
    await post('shards/add', bearer(TOKEN), { name: 'shard5' })
    await post('shards/add', bearer(TOKEN), { name: 'shard6', connection_string: 'level:/mnt/disk/six' })
    await post('shards/rebalance', bearer(TOKEN), { names: ['shard1'] })
    await post('users/settings', bearer(TOKEN), { guid: 'g', history: false })
    assert.deepEqual(control.told, [
      ['pause', undefined],
      ['shards.add', { name: 'shard5', connectionString: 'level:shard5' }],
      ['shards.add', { name: 'shard6', connectionString: 'level:/mnt/disk/six' }],
      ['shards.rebalance', ['shard1']],
      ['users.settings', 'g', { history: false }],
    ])
  })

  it('answer guesses with 429 after ten within a minute, and never keep the right token out', async () => {
    for (let i = 0; i < MAX_ADMIN_FAILURES; i += 1)
      assert.equal((await post('resume', bearer(`guess-${i}`))).status, 401)
    const { status, headers } = await post('resume', bearer('one more'))
    assert.deepEqual([status, headers['retry-after']], [429, '60'])
    assert.equal((await post('resume', bearer(TOKEN))).status, 200)
    clock.advance(ADMIN_FAILURES_WINDOW_MS)
    assert.equal((await post('resume', bearer('a minute later'))).status, 401)
  })
})

describe('a gateway without an admin token', () => {
  it('has no admin routes', async () => {
    const { gateway, port } = await startGateway({}, { control: fakeControl() })
    try {
      for (const name of Object.keys(ADMIN_ACTIONS)) {
        const { status } = await send(port, { method: 'POST', path: `/api/admin/${name}`, body: {} })
        assert.equal(status, 404, name)
      }
    } finally {
      await gateway.stop()
    }
  })
})
