/**
 * Who may enter where: every route that is registered × every kind of caller × every way of calling, against the word
 * of its note. A route cannot be forgotten: it stands in the list by being registered.
 */
import assert from 'node:assert/strict'
import { ROUTE_NOTES } from '../../../gateway/described/notes/all-notes.ts'
import { noteKey, type RegisteredRoute, type RouteAccess } from '../../../gateway/described/notes/route-note.ts'
import { hashKey } from '../../../gateway/door/credentials.ts'
import { askedUpgrade } from '../../support/asked-upgrade.ts'
import { fakeControl } from '../../support/fake-control.ts'
import { HOST_TOKEN } from '../../support/fake-federation.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type TestPage, testPage } from '../../support/page.ts'
import { sourceFiles } from '../../support/source-tree.ts'
import { type StartedGateway, send, startGateway } from '../../support/started-gateway.ts'

const TOKEN = 'the-admin-token'
const KEYS = { user: 'sk-user', expired: 'sk-expired', over: 'sk-over' } as const

const CALLERS = {
  none: {},
  user: { authorization: `Bearer ${KEYS.user}` },
  wrong: { 'x-api-key': 'sk-wrong' },
  expired: { 'x-api-key': KEYS.expired },
  over: { authorization: `Bearer ${KEYS.over}` },
  host: { authorization: `Bearer ${HOST_TOKEN}` },
  admin: { authorization: `Bearer ${TOKEN}` },
} as const satisfies Record<string, Readonly<Record<string, string>>>

type Caller = keyof typeof CALLERS

/** What each kind of route says to each kind of caller; `in`: anything that a handler says. */
const EXPECTED: Readonly<Record<RouteAccess, Readonly<Record<Caller, 'in' | 401 | 429>>>> = {
  open: { none: 'in', user: 'in', wrong: 'in', expired: 'in', over: 'in', host: 'in', admin: 'in' },
  user: { none: 401, user: 'in', wrong: 401, expired: 401, over: 429, host: 401, admin: 'in' },
  host: { none: 401, user: 401, wrong: 401, expired: 401, over: 401, host: 'in', admin: 401 },
  'host-or-user': { none: 401, user: 'in', wrong: 401, expired: 401, over: 429, host: 'in', admin: 'in' },
  admin: { none: 401, user: 401, wrong: 401, expired: 401, over: 401, host: 401, admin: 'in' },
}

/** By which no caller enters, whatever key it has. */
const FOREIGN = {
  'a foreign Host': { host: 'evil.example' },
  'a foreign Origin': { origin: 'https://evil.example' },
  'a page of another site': { 'sec-fetch-site': 'cross-site' },
} as const

/** A path that the route serves. */
const pathOf = ({ path }: RegisteredRoute): string => path.replaceAll(/:\w+/g, 'x').replace('*', 'x/y')

describe('the access table', () => {
  const clock = new ManualClock()
  let started: StartedGateway
  let page: TestPage
  let routes: readonly RegisteredRoute[]
  before(async () => {
    const apiKeys = [
      { hash: hashKey(KEYS.user) },
      { hash: hashKey(KEYS.expired), expiresMs: clock.wall() - 1 },
      { hash: hashKey(KEYS.over), limits: { requestsPerMinute: 1 } },
    ]
    page = await testPage()
    const init = { apiKeys, adminTokenHash: hashKey(TOKEN), page: { folder: page.folder, root: true } }
    started = await startGateway(init, { clock, control: fakeControl() })
    routes = started.gateway.routes
    await ask({ method: 'GET', path: '/v1/models' }, CALLERS.over) // its only request of a minute
  })
  after(async () => {
    await started.gateway.stop()
    await page.remove()
  })

  async function ask(route: RegisteredRoute, headers: Readonly<Record<string, string>>): Promise<number> {
    const body = route.method === 'GET' ? undefined : '{}'
    const { status } = await send(started.port, { method: route.method, path: pathOf(route), headers, body })
    return status
  }

  const accessOf = (route: RegisteredRoute): RouteAccess => {
    const note = ROUTE_NOTES[noteKey(route)]
    assert.ok(note !== undefined, `${noteKey(route)} has no note: add it in gateway/described/notes, with its access`)
    return note.access
  }

  it('has a word on every route, and on none that there is not', () => {
    assert.ok(routes.length > 40)
    for (const route of routes) accessOf(route)
    const registered = new Set(routes.map(noteKey))
    const idle = Object.keys(ROUTE_NOTES).filter((key) => !registered.has(key))
    assert.deepEqual(idle, [], 'notes of routes that are not registered')
  })

  for (const [caller, headers] of Object.entries(CALLERS) as [Caller, Record<string, string>][]) {
    it(`lets in ${caller === 'none' ? 'a caller without a key' : `the caller "${caller}"`} where it should, on every route`, async () => {
      const wrong: string[] = []
      for (const route of routes) {
        clock.advance(7_000) // wrong tokens are counted per minute, and that count is another test's
        if (caller === 'over') await ask({ method: 'GET', path: '/v1/models' }, headers)
        const expected = EXPECTED[accessOf(route)][caller]
        const status = await ask(route, headers)
        const entered = status !== 401 && status !== 403 && status !== 429
        if (expected === 'in' ? !entered : status !== expected)
          wrong.push(`${noteKey(route)}: ${status}, not ${expected}`)
      }
      assert.deepEqual(wrong, [])
    })
  }

  for (const [way, foreign] of Object.entries(FOREIGN)) {
    it(`lets in nobody with ${way}, on every route`, async () => {
      const looks = routes.flatMap((route) =>
        Object.entries(CALLERS).map(async ([caller, headers]) => {
          const status = await ask(route, { ...headers, ...foreign })
          return status === 403 ? [] : [`${caller}, ${noteKey(route)}: ${status}`]
        }),
      )
      const wrong = (await Promise.all(looks)).flat()
      assert.deepEqual(wrong, [])
    })
  }

  it('holds for every path that opens a WebSocket, whoever calls', async () => {
    assert.ok(started.gateway.upgrades.size > 0)
    for (const path of started.gateway.upgrades.keys()) {
      for (const [caller, headers] of Object.entries(CALLERS) as [Caller, Record<string, string>][]) {
        clock.advance(7_000)
        if (caller === 'over') await ask({ method: 'GET', path: '/v1/models' }, headers)
        const expected = EXPECTED.user[caller]
        const status = (more: object) => askedUpgrade(started.port, path, { ...headers, ...more })
        assert.equal(await status({}), expected === 'in' ? 101 : expected, `${caller}, ${path}`)
        for (const [way, foreign] of Object.entries(FOREIGN)) {
          assert.equal(await status(foreign), 403, `${caller} with ${way}, ${path}`)
        }
        if (caller === 'over') await ask({ method: 'GET', path: '/v1/models' }, headers)
        const proxied = await status({ 'x-forwarded-for': '127.0.0.1' })
        assert.equal(proxied, expected === 'in' ? 101 : expected, `${caller} through a proxy, ${path}`)
      }
    }
  })

  it('opens no WebSocket anywhere else, not to the operator either', async () => {
    const served = new Set(started.gateway.upgrades.keys())
    for (const path of new Set(routes.map(pathOf).filter((each) => !served.has(each)))) {
      for (const headers of [CALLERS.user, CALLERS.admin]) {
        assert.equal(await askedUpgrade(started.port, path, headers), 400, path)
      }
      assert.equal(await askedUpgrade(started.port, path, {}), 401, path)
    }
  })

  it('holds for requests that would rather speak another protocol', async () => {
    const wrong: string[] = []
    for (const route of routes) {
      clock.advance(7_000)
      const status = await ask(route, { connection: 'Upgrade', upgrade: 'h2c' })
      const expected = EXPECTED[accessOf(route)].none
      if (expected === 'in' ? status === 401 : status !== expected) wrong.push(`${noteKey(route)}: ${status}`)
    }
    assert.deepEqual(wrong, [])
  })

  it('has every upgrade: one file of the gateway listens to them', () => {
    const listening = sourceFiles(['gateway']).filter(({ text }) => /['"`]upgrade['"`],|handleUpgrade\(/.test(text))
    assert.deepEqual(
      listening.map(({ path }) => path).toSorted(),
      ['gateway/sockets/socket-door.ts', 'gateway/sockets/upgrades.ts'],
      'an upgrade that takeUpgrades does not let in is in no table',
    )
  })

  it('lets the operator in from this machine only: through a proxy neither', async () => {
    for (const route of routes.filter((each) => accessOf(each) === 'admin')) {
      assert.equal(await ask(route, { ...CALLERS.admin, 'x-forwarded-for': '127.0.0.1' }), 403, noteKey(route))
    }
  })
})

describe('the access table where there are no keys', () => {
  it('is open to programs of this machine, paths of the operator and of hosts apart, and to nobody through a proxy', async () => {
    const clock = new ManualClock()
    const { gateway, port } = await startGateway({ adminTokenHash: hashKey(TOKEN) }, { clock, control: fakeControl() })
    try {
      const wrong: string[] = []
      for (const route of gateway.routes) {
        const { method } = route
        const access = ROUTE_NOTES[noteKey(route)]?.access
        const sent = { method, path: pathOf(route), body: method === 'GET' ? undefined : '{}' }
        clock.advance(7_000)
        const direct = (await send(port, sent)).status
        const proxied = (await send(port, { ...sent, headers: { forwarded: 'for=203.0.113.9' } })).status
        if ((direct === 401) !== (access === 'admin' || access === 'host')) wrong.push(`${noteKey(route)}: ${direct}`)
        const refused = access === 'admin' ? 403 : access === 'open' ? undefined : 401
        if (refused !== undefined && proxied !== refused) wrong.push(`${noteKey(route)} through a proxy: ${proxied}`)
      }
      assert.deepEqual(wrong, [])
      for (const path of gateway.upgrades.keys()) {
        assert.equal(await askedUpgrade(port, path, {}), 101, path)
        assert.equal(await askedUpgrade(port, path, { forwarded: 'for=203.0.113.9' }), 401, path)
      }
    } finally {
      await gateway.stop()
    }
  })
})
