import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect as connectPlain, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { GatewayInit } from '../../../../gateway/gateway.ts'
import { certificateOf } from '../../../support/certificates.ts'
import { type StartedGateway, startGateway } from '../../../support/started-gateway.ts'

/** Resolves when the connection has ended, by an error too. */
const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.once('close', resolve))

describe('a gateway that speaks TLS', () => {
  let started: StartedGateway
  const start = async (init: Partial<GatewayInit> = {}): Promise<void> => {
    started = await startGateway({ certificate: certificateOf('one'), ...init })
  }
  afterEach(() => started.gateway.stop())

  const tls = (options: ConnectionOptions = {}): TLSSocket =>
    connect({ port: started.port, host: '127.0.0.1', rejectUnauthorized: false, ...options })

  async function get(path: string, headers: Record<string, string> = {}) {
    const call = request({
      ...{ port: started.port, host: '127.0.0.1', path, headers, agent: false },
      ca: certificateOf('one').cert,
    })
    call.end()
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    return { status: response.statusCode, text: await text(response) }
  }

  it('says so in its address, and answers there', async () => {
    await start()
    assert.equal(started.gateway.url, `https://127.0.0.1:${started.port}`)
    assert.equal((await get('/health')).status, 200)
    assert.match((await get('/v1/nope')).text, /https:\/\/127\.0\.0\.1:\d+\/v1/)
  })

  it('lets its own pages in, and not those of plain HTTP', async () => {
    await start()
    const status = async (origin: string): Promise<number | undefined> => (await get('/health', { origin })).status
    assert.equal(await status(`https://localhost:${started.port}`), 200)
    assert.equal(await status(`https://127.0.0.1:${started.port}`), 200)
    assert.equal(await status(`http://localhost:${started.port}`), 403)
    assert.equal(await status('https://evil.example'), 403)
  })

  it('speaks nothing older than TLS 1.2', async () => {
    await start()
    const old = tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    const [error] = (await once(old, 'error')) as [Error & { code: string }]
    assert.match(error.code, /^ERR_SSL/)
    const plain = tls({ maxVersion: 'TLSv1.2' })
    await once(plain, 'secureConnect')
    assert.equal(plain.getProtocol(), 'TLSv1.2')
    plain.destroy()
  })

  it('shows another certificate to new connections, while old ones go on', async () => {
    await start()
    const old = tls()
    await once(old, 'secureConnect')
    started.gateway.takeCertificate(certificateOf('two'))
    const fresh = tls()
    await once(fresh, 'secureConnect')
    assert.notEqual(fresh.getPeerCertificate().fingerprint256, old.getPeerCertificate().fingerprint256)
    old.write(`GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`)
    assert.match(await text(old), /^HTTP\/1\.1 200/)
    fresh.destroy()
  })

  it('keeps the certificate that it has when another does not fit its key', async () => {
    await start()
    const [one, two] = [certificateOf('one'), certificateOf('two')]
    assert.throws(() => started.gateway.takeCertificate({ cert: one.cert, key: two.key }))
    assert.equal((await get('/health')).status, 200)
  })

  it('ends connections that never finish their handshake', async () => {
    await start({ handshakeTimeoutMs: 30 })
    const silent = Array.from({ length: 20 }, () => connectPlain(started.port, '127.0.0.1'))
    for (const socket of silent) socket.on('error', () => {}).resume()
    await Promise.all(silent.map(closed))
  })

  it('ends connections that speak plain HTTP, or nothing known', async () => {
    await start()
    for (const bytes of ['GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n', '\u0016\u0003\u0001garbage, garbage']) {
      const socket = connectPlain(started.port, '127.0.0.1')
      socket.on('error', () => {}).resume()
      socket.write(bytes)
      await closed(socket)
    }
    assert.equal((await get('/health')).status, 200)
  })

  it('stops although connections are idle: after a handshake, in the middle of one, and before', async () => {
    await start()
    const secured = tls()
    await once(secured, 'secureConnect')
    const half = connectPlain(started.port, '127.0.0.1')
    half.on('error', () => {})
    half.write('\u0016\u0003\u0001')
    const silent = connectPlain(started.port, '127.0.0.1')
    silent.on('error', () => {})
    await once(silent, 'connect')
    secured.on('error', () => {})
    const gone = [secured, half, silent].map((socket) => closed(socket.resume()))
    await started.gateway.stop()
    await Promise.all(gone)
  })
})
