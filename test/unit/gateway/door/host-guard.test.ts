import assert from 'node:assert/strict'
import { HostGuard } from '../../../../gateway/door/host-guard.ts'
import { ownNames } from '../../../../gateway/door/own-names.ts'
import { HELLO, type Sent, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

/** `P` stands for the real port. */
const OWN_HOSTS = [
  '127.0.0.1:P',
  'localhost:P',
  'LOCALHOST:P',
  '[::1]:P',
  'rig.lan',
  'rig.lan:P',
  'rig.lan:1',
  'nas.lan:8443',
  // As a client says that came by ssh -L, docker -p or a proxy.
  'localhost',
  'localhost:8080',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.0.0.2:P',
]
const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:P',
  '127.0.0.1.evil.example:P',
  'localhost.evil.example:P',
  'localhost.:P',
  'nas.lan',
  'nas.lan:1',
  'host.docker.internal:P',
  'desk:P',
  '192.168.1.5:P',
  '0.0.0.0:P',
  '[::]:P',
  '2130706433:P',
  '0x7f.1:P',
  '[::1:P',
  '[localhost]:P',
  'localhost:P:1',
  'localhost:evil',
  'a@127.0.0.1:P',
]
const OWN_ORIGINS = [
  undefined,
  'http://127.0.0.1:P',
  'http://localhost:P',
  'http://[::1]:P',
  'https://chat.example',
  'app://obsidian.md',
  'vscode-webview://1abc',
  'http://localhost:3000',
  'http://localhost:5173',
]
const FOREIGN_ORIGINS = [
  'null',
  '',
  'http://evil.example',
  'https://127.0.0.1:P',
  'http://127.0.0.1',
  'http://127.0.0.1:1',
  'http://127.0.0.1:P.evil.example',
  'http://127.0.0.1:P/',
  'http://localhost.evil.example:P',
  'http://chat.example',
  'https://chat.example:8443',
  'https://chat.example.evil.example',
  'app://localhost',
  'app://obsidian.md.evil.example',
  'app://obsidian.md/x',
  'tauri://localhost',
  'chrome-extension://abc',
  'vscode-webview://',
  'vscode-webview://*',
  'vscode-webview://a/b',
  'vscode-webview-2://a',
  'http://localhost:',
  'http://localhost:*',
  'http://localhost:3000/',
  'http://localhost:3000.evil.example',
  'http://127.0.0.1:3000',
  'https://localhost:3000',
  'file://',
  'HTTP://127.0.0.1:P',
]
const CALLS: readonly Pick<Sent, 'method' | 'path' | 'body'>[] = [
  { method: 'POST', path: '/v1/chat/completions', body: HELLO },
  { method: 'GET', path: '/v1/models' },
  { method: 'OPTIONS', path: '/v1/chat/completions' },
]

describe('the host and origin guard', () => {
  let started: StartedGateway
  before(async () => {
    started = await startGateway({
      allowedHosts: ['rig.lan', 'nas.lan:8443'],
      allowedOrigins: ['https://chat.example', 'app://obsidian.md', 'vscode-webview://*', 'http://localhost:*'],
      ownNames: ['desk', 'desk.local', 'host.docker.internal'],
    })
  })
  after(() => started.gateway.stop())

  const call = async (sent: Sent): Promise<{ status: number; asked: number }> => {
    const before = started.node.asked.length
    const filled = Object.entries(sent.headers ?? {}).map(([name, value]) => [
      name,
      value.replace('P', String(started.port)),
    ])
    const { status } = await send(started.port, { ...sent, headers: Object.fromEntries(filled) })
    return { status, asked: started.node.asked.length - before }
  }

  for (const one of CALLS) {
    for (const host of FOREIGN_HOSTS) {
      it(`refuses ${one.method} at Host ${host} without a side effect`, async () => {
        assert.deepEqual(await call({ ...one, headers: { host } }), { status: 403, asked: 0 })
      })
    }
    for (const origin of FOREIGN_ORIGINS) {
      it(`refuses ${one.method} from Origin "${origin}" without a side effect`, async () => {
        assert.deepEqual(await call({ ...one, headers: { host: '127.0.0.1:P', origin } }), { status: 403, asked: 0 })
      })
    }
    for (const host of OWN_HOSTS) {
      it(`lets ${one.method} pass at Host ${host} from every origin of ours`, async () => {
        for (const origin of OWN_ORIGINS) {
          const { status } = await call({ ...one, headers: { host, ...(origin !== undefined && { origin }) } })
          assert.equal(status, one.method === 'OPTIONS' ? 204 : 200, origin)
        }
      })
    }
    for (const site of ['cross-site', 'same-site']) {
      it(`refuses ${one.method} that a browser marks ${site} and gives no origin for`, async () => {
        assert.deepEqual(await call({ ...one, headers: { host: 'localhost:P', 'sec-fetch-site': site } }), {
          status: 403,
          asked: 0,
        })
      })
    }
  }

  it('lets a listed page of another site pass, since its origin is known', async () => {
    const headers = { host: 'localhost:P', origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' }
    assert.deepEqual(await call({ body: HELLO, headers }), { status: 200, asked: 1 })
  })

  it('answers the preflight of a listed page with that origin, never with a star', async () => {
    const { headers } = await send(started.port, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://chat.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-stainless-lang, authorization',
      },
    })
    assert.equal(headers['access-control-allow-origin'], 'https://chat.example')
    assert.equal(headers['access-control-allow-headers'], 'x-stainless-lang, authorization')
    assert.equal(headers.vary, 'origin')
  })

  it('is no proxy: a whole URL in the request line is refused', async () => {
    const { status } = await send(started.port, { method: 'GET', path: `http://127.0.0.1:${started.port}/health` })
    assert.equal(status, 403)
  })

  const refusalAt = (guard: HostGuard, host: string, origin?: string, localAddress = '127.0.0.1') =>
    guard.refusal({ url: '/', headers: { host, ...(origin !== undefined && { origin }) }, socket: { localAddress } })

  it('bound to every address, knows the one that was reached, and no name that points to it', () => {
    const guard = new HostGuard({ host: '0.0.0.0', port: 5000 })
    assert.equal(refusalAt(guard, '192.168.1.5:5000', undefined, '::ffff:192.168.1.5'), undefined)
    assert.equal(refusalAt(guard, '192.168.1.6:5000', undefined, '192.168.1.5')?.code, 'FORBIDDEN')
    assert.equal(refusalAt(guard, 'rebound.example:5000', undefined, '192.168.1.5')?.code, 'FORBIDDEN')
  })

  it('where a key is needed, knows the names and addresses of the machine, since no rebound page has a key', () => {
    let keyed = true
    const guard = new HostGuard({ host: '0.0.0.0', port: 5000, ownNames: ['desk.local'], needsKey: () => keyed })
    for (const host of ['desk.local:5000', 'DESK.local', '172.17.0.1:8080', '[fd00::5]:5000']) {
      assert.equal(refusalAt(guard, host), undefined, host)
    }
    for (const host of ['evil.example', '0.0.0.0:5000', '[::]:5000', '2130706433']) {
      assert.equal(refusalAt(guard, host)?.code, 'FORBIDDEN', host)
    }
    keyed = false
    const { message, fix } = refusalAt(guard, 'desk.local:5000') ?? {}
    assert.equal(message, 'the Host header names another server, desk.local')
    assert.match(fix ?? '', /--allowed-host desk\.local .*node\.allowed_hosts.*add an API key/)
  })

  it('takes a page of the very host that it calls, and of no other', () => {
    const guard = new HostGuard({ host: '127.0.0.1', port: 5000, allowedHosts: ['rig.lan'] })
    assert.equal(refusalAt(guard, 'localhost:8080', 'http://localhost:8080'), undefined)
    assert.equal(refusalAt(guard, 'rig.lan', 'https://rig.lan'), undefined)
    assert.equal(refusalAt(guard, 'localhost:8080', 'http://localhost:3000')?.code, 'FORBIDDEN')
    assert.equal(refusalAt(guard, 'localhost:8080', 'https://localhost:8080')?.code, 'FORBIDDEN')
    assert.equal(refusalAt(guard, 'evil.example', 'http://evil.example')?.code, 'FORBIDDEN')
  })

  it('says which setting lets a page in, and that none does for one without an origin', () => {
    const guard = new HostGuard({ host: '127.0.0.1', port: 5000 })
    assert.match(refusalAt(guard, 'localhost', 'tauri://localhost')?.fix ?? '', /--allowed-origin tauri:\/\/localhost/)
    assert.doesNotMatch(refusalAt(guard, 'localhost', 'null')?.fix ?? '', /allowed-origin/)
  })

  it('knows its name without a port where the port is 80', () => {
    const guard = new HostGuard({ host: '127.0.0.1', port: 80 })
    assert.equal(refusalAt(guard, 'localhost', 'http://127.0.0.1'), undefined)
  })
})

describe('the names of a machine', () => {
  it('are its own, in mDNS and the domains of its resolver, and that of containers for it', () => {
    const resolver = '# made by a router\nnameserver 192.168.1.1\nsearch lan home.example.org\n'
    const names = ownNames('Desk', resolver)
    assert.deepEqual(names.slice(0, 4), ['desk', 'desk.local', 'desk.lan', 'desk.home.example.org'])
    assert.ok(names.includes('host.docker.internal'))
    assert.ok(ownNames('rig.example.org', '').includes('rig'))
  })

  it('are those of containers only where the system has a name that is none', () => {
    assert.ok(ownNames('', 'search *').every((name) => name.endsWith('.internal')))
  })
})
