import assert from 'node:assert/strict'
import { hashKey } from '../../../../gateway/door/credentials.ts'
import {
  type ForwardedFacts,
  isForwarded,
  isOfThisMachine,
  TrustedProxies,
} from '../../../../gateway/door/forwarded.ts'
import { fakeControl } from '../../../support/fake-control.ts'
import { type StartedGateway, send, startGateway } from '../../../support/started-gateway.ts'

type Headers = Record<string, string>

describe('what a proxy says of a request', () => {
  const proxies = new TrustedProxies(['10.0.0.2', '192.168.0.0/16', 'fd00::/8', '::1'])
  const from = (remoteAddress: string | undefined, headers: Headers): ForwardedFacts =>
    proxies.factsOf({ headers, socket: { remoteAddress } })
  const SAID = { 'x-forwarded-host': 'rig.lan', 'x-forwarded-proto': 'https' }

  for (const address of ['10.0.0.2', '::ffff:10.0.0.2', '192.168.3.4', 'fd12::1', '::1']) {
    it(`counts from ${address}, which the owner named`, () => {
      assert.deepEqual(from(address, SAID), { host: 'rig.lan', secure: true })
    })
  }

  for (const address of ['10.0.0.3', '127.0.0.1', '2001:db8::1', '', undefined]) {
    it(`is nothing from ${address || 'nowhere'}, which they did not name`, () => {
      assert.deepEqual(from(address, SAID), {})
    })
  }

  const said: readonly (readonly [string, Headers, ForwardedFacts])[] = [
    ['nothing', {}, {}],
    ['plain HTTP', { 'x-forwarded-proto': 'http' }, { secure: false }],
    [
      'a list, of which the last was written by the proxy',
      { 'x-forwarded-host': 'evil.example, rig.lan' },
      { host: 'rig.lan' },
    ],
    [
      'the standard’s header',
      { forwarded: 'for=1.2.3.4;host="rig.lan:8443";proto=https' },
      { host: 'rig.lan:8443', secure: true },
    ],
    ['its last element', { forwarded: 'host=evil.example, for=1.2.3.4;proto=HTTPS' }, { secure: true }],
    [
      'both, and the standard’s is stronger',
      { ...SAID, forwarded: 'host=other.lan' },
      { host: 'other.lan', secure: true },
    ],
    ['an empty name', { 'x-forwarded-host': '' }, {}],
  ]
  for (const [name, headers, facts] of said) {
    it(`is read from ${name}`, () => {
      assert.deepEqual(from('10.0.0.2', headers), facts)
    })
  }
})

describe('a request of this machine', () => {
  const LOOPBACK = ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']
  const is = (remoteAddress: string | undefined, headers: Headers = {}): boolean =>
    isOfThisMachine({ headers, socket: { remoteAddress } })

  it('comes from loopback', () => {
    for (const address of LOOPBACK) assert.equal(is(address), true, address)
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '', undefined]) assert.equal(is(address), false)
  })

  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'cf-connecting-ip', 'x-forwarded-proto']) {
    it(`is none with ${header}, whatever it says`, () => {
      for (const value of ['127.0.0.1', 'for=127.0.0.1', '']) {
        assert.equal(isForwarded({ [header]: value }), true)
        for (const address of LOOPBACK) assert.equal(is(address, { [header]: value }), false)
      }
    })
  }
})

describe('a gateway behind a proxy on its own machine', () => {
  const KEY = 'sk-key'
  const TOKEN = 'a-token'
  const THROUGH = { 'x-forwarded-for': '203.0.113.9' }
  let started: StartedGateway
  afterEach(() => started.gateway.stop())
  const start = async (init: object = {}): Promise<void> => {
    started = await startGateway({ adminTokenHash: hashKey(TOKEN), ...init }, { control: fakeControl() })
  }
  const status = async (path: string, headers: Headers, method = 'GET'): Promise<number> =>
    (await send(started.port, { path, headers, method })).status

  it('takes no stranger for a program of this machine: without a key nobody enters through a proxy', async () => {
    await start()
    assert.equal(await status('/v1/models', {}), 200)
    const { status: refused, text } = await send(started.port, { path: '/v1/models', headers: THROUGH })
    assert.equal(refused, 401)
    assert.match(text, /through a proxy needs an API key/)
    assert.equal(await status('/health', THROUGH), 200)
  })

  it('lets in those with a key', async () => {
    await start({ apiKeys: [{ hash: hashKey(KEY) }] })
    assert.equal(await status('/v1/models', { ...THROUGH, authorization: `Bearer ${KEY}` }), 200)
    assert.equal(await status('/v1/models', { ...THROUGH, authorization: 'Bearer sk-other' }), 401)
  })

  it('is administered by nobody through a proxy, with the right token neither, and by a trusted one neither', async () => {
    for (const trustedProxies of [[], ['127.0.0.1']]) {
      await start({ trustedProxies })
      const authorization = `Bearer ${TOKEN}`
      const json = { 'content-type': 'application/json' }
      const act = (headers: Headers) =>
        send(started.port, { path: '/api/admin/workers/list', headers: { ...json, ...headers }, body: {} })
      assert.equal((await act({ authorization })).status, 200)
      for (const said of ['203.0.113.9', '127.0.0.1']) {
        assert.equal((await act({ authorization, 'x-forwarded-for': said })).status, 403)
      }
      await started.gateway.stop()
    }
  })

  it('knows the names of its pages from a trusted proxy: both hosts must be known, and the scheme be right', async () => {
    const apiKeys = [{ hash: hashKey(KEY) }]
    const page = (headers: Headers): Promise<number> =>
      status('/v1/models', { authorization: `Bearer ${KEY}`, ...THROUGH, ...headers })
    const outer = { 'x-forwarded-host': 'chat.example', 'x-forwarded-proto': 'https' }
    await start({ apiKeys, trustedProxies: ['127.0.0.1'], allowedHosts: ['chat.example'] })
    assert.equal(await page({ ...outer, origin: 'https://chat.example' }), 200)
    assert.equal(await page({ ...outer, origin: 'http://chat.example' }), 403)
    assert.equal(await page({ ...outer, 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }), 403)
    assert.equal(await page({ ...outer, host: 'evil.example', origin: 'https://evil.example' }), 403)
    await started.gateway.stop()
    await start({ apiKeys, allowedHosts: ['chat.example'] })
    assert.equal(await page({ ...outer, origin: 'https://chat.example' }), 403)
  })
})
