import assert from 'node:assert/strict'
import { HostGuard } from '../../../../gateway/door/host-guard.ts'
import { HELLO, type Sent, type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

/** `P` stands for the real port. */
const OWN_HOSTS = ['127.0.0.1:P', 'localhost:P', 'LOCALHOST:P', '[::1]:P', 'rig.lan', 'rig.lan:P']
const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:P',
  '127.0.0.1.evil.example:P',
  'localhost.evil.example:P',
  'localhost.:P',
  'localhost',
  '127.0.0.1',
  '127.0.0.1:1',
  '127.0.0.2:P',
  '0.0.0.0:P',
  '[::]:P',
  '2130706433:P',
  '0x7f.1:P',
  'rig.lan:1',
  'a@127.0.0.1:P',
]
const OWN_ORIGINS = [undefined, 'http://127.0.0.1:P', 'http://localhost:P', 'http://[::1]:P', 'https://chat.example']
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
    started = await startGateway({ allowedHosts: ['rig.lan'], allowedOrigins: ['https://chat.example'] })
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

  it('bound to every address, knows the one that was reached, and no name that points to it', () => {
    const guard = new HostGuard({ host: '0.0.0.0', port: 5000 })
    const asked = (host: string, localAddress: string) =>
      guard.refusal({ url: '/', headers: { host }, socket: { localAddress } })?.code
    assert.equal(asked('192.168.1.5:5000', '::ffff:192.168.1.5'), undefined)
    assert.equal(asked('192.168.1.6:5000', '192.168.1.5'), 'FORBIDDEN')
    assert.equal(asked('rebound.example:5000', '192.168.1.5'), 'FORBIDDEN')
  })

  it('knows its name without a port where the port is 80', () => {
    const guard = new HostGuard({ host: '127.0.0.1', port: 80 })
    assert.equal(guard.refusal({ url: '/', headers: { host: 'localhost' }, socket: {} }), undefined)
    assert.equal(guard.allowsOrigin('http://localhost'), true)
  })
})
