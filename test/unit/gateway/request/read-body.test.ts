/** How the bytes of a body come in, asked over sockets: when they are wanted, how many, and in which packing. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import { text as textOfStream } from 'node:stream/consumers'
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { MAX_DRAINED_BYTES, MAX_HEADER_BYTES, MAX_REQUEST_BYTES } from '../../../../gateway/request/limits.ts'
import { readBody } from '../../../../gateway/request/read-body.ts'
import { HELLO, type StartedGateway, startGateway } from '../../../support/started-gateway.ts'

/** Brotli at its best takes seconds for what it unfolds in milliseconds. */
const packBrotli = (bytes: Buffer): Buffer =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })

const JSON_TYPE = 'content-type: application/json'

describe('the bytes of a body', () => {
  let started: StartedGateway
  beforeEach(async () => {
    started = await startGateway()
  })
  afterEach(() => started.gateway.stop())

  const head = (...lines: readonly string[]): string =>
    [`POST /v1/chat/completions HTTP/1.1`, `host: 127.0.0.1:${started.port}`, ...lines, '', ''].join('\r\n')

  /** Sends all, then reads to the end. */
  const exchange = async (...parts: readonly (string | Buffer)[]): Promise<string> => {
    const socket = connect(started.port, '127.0.0.1')
    for (const part of parts) socket.write(part)
    socket.end()
    return await textOfStream(socket)
  }

  const packed = (bytes: Buffer, encoding: string): Promise<string> =>
    exchange(
      head(JSON_TYPE, `content-encoding: ${encoding}`, `content-length: ${bytes.length}`, 'connection: close'),
      bytes,
    )

  const hello = Buffer.from(JSON.stringify(HELLO))
  it('that break off are the client’s fault, and no surprise', async () => {
    const request = new IncomingMessage(new Socket())
    const body = readBody(request)
    request.emit('error', Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    await assert.rejects(body, { code: 'BAD_REQUEST', message: 'the body breaks off' })
  })

  const packings: readonly (readonly [string, Buffer])[] = [
    ['gzip', gzipSync(hello)],
    ['GZIP', gzipSync(hello)],
    ['x-gzip', gzipSync(hello)],
    ['deflate', deflateSync(hello)],
    ['deflate', deflateRawSync(hello)],
    ['br', brotliCompressSync(hello)],
    ['identity', hello],
  ]
  for (const [encoding, bytes] of packings) {
    it(`are understood as ${encoding} (${bytes.length} bytes)`, async () => {
      assert.match(await packed(bytes, encoding), /^HTTP\/1\.1 200 /)
      assert.equal(started.node.asked.length, 1)
    })
  }

  for (const [encoding, pack] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', packBrotli],
  ] as const) {
    it(`are bounded as they unfold from ${encoding}`, async () => {
      const bytes = pack(Buffer.alloc(MAX_REQUEST_BYTES + 1, ' '))
      assert.ok(bytes.length < MAX_REQUEST_BYTES / 100)
      assert.match(await packed(bytes, encoding), /^HTTP\/1\.1 413 .*larger than 16777216 bytes/s)
    })

    it(`are not ${encoding} only because they say so`, async () => {
      assert.match(await packed(hello, encoding), new RegExp(`^HTTP/1\\.1 400 .*the body is not ${encoding}`, 's'))
    })
  }

  it('are refused in a packing that is not known, with those that are', async () => {
    for (const encoding of ['zstd', 'gzip, br', '__proto__']) {
      const answer = await packed(hello, encoding)
      assert.match(answer, /^HTTP\/1\.1 415 .*content-encoding that is not known.*gzip, deflate, br/s)
      assert.match(answer, /accept-encoding: gzip, deflate, br/)
    }
  })

  it('are not sent at all when the client waits for leave and they are too many', async () => {
    const answer = await exchange(head(JSON_TYPE, `content-length: ${MAX_REQUEST_BYTES + 1}`, 'expect: 100-continue'))
    assert.match(answer, /^HTTP\/1\.1 413 /)
  })

  it('are not sent at all when the client waits for leave and may not enter', async () => {
    const wait = ['expect: 100-continue', `content-length: ${hello.length}`]
    assert.match(await exchange(head(JSON_TYPE, 'origin: http://evil.example', ...wait)), /^HTTP\/1\.1 403 /)
    assert.match(await exchange(head('content-type: image/png', ...wait)), /^HTTP\/1\.1 415 /)
  })

  it('are sent when the client gets leave', async () => {
    const socket = connect(started.port, '127.0.0.1')
    socket.write(head(JSON_TYPE, `content-length: ${hello.length}`, 'expect: 100-continue', 'connection: close'))
    const [leave] = await once(socket, 'data')
    assert.equal(String(leave), 'HTTP/1.1 100 Continue\r\n\r\n')
    socket.end(hello)
    assert.match(await textOfStream(socket), /^HTTP\/1\.1 200 /)
  })

  it('may be too many, which a client hears that reads only once it has sent all, and goes on', async () => {
    const socket: Socket = connect(started.port, '127.0.0.1')
    const length = MAX_REQUEST_BYTES + 1024
    socket.pause()
    socket.write(head(JSON_TYPE, `content-length: ${length}`))
    await new Promise((resolve) => socket.write(Buffer.alloc(length, ' '), resolve))
    socket.write(head(JSON_TYPE, `content-length: ${hello.length}`, 'connection: close'))
    socket.write(hello)
    const answers = await textOfStream(socket)
    assert.match(answers, /^HTTP\/1\.1 413 .*HTTP\/1\.1 200 /s)
  })

  it('are cut when they do not end after a refusal', async () => {
    const socket = connect(started.port, '127.0.0.1')
    const closed = once(socket, 'close').catch(() => {})
    socket.on('error', () => {})
    socket.resume()
    socket.write(head(JSON_TYPE, 'transfer-encoding: chunked'))
    const piece = Buffer.alloc(1024 * 1024, ' ')
    let sent = 0
    while (!socket.destroyed && sent < 4 * MAX_DRAINED_BYTES) {
      sent += piece.length
      await new Promise((resolve) => {
        socket.write('100000\r\n')
        socket.write(piece)
        socket.write('\r\n', resolve)
      })
    }
    await closed
    assert.ok(sent < 4 * MAX_DRAINED_BYTES)
  })

  it('come behind headers that are not too large', async () => {
    const answer = await exchange(head(`cookie: ${'x'.repeat(MAX_HEADER_BYTES)}`))
    assert.match(answer, /^HTTP\/1\.1 431 .*the headers have more than 16384 bytes\. Fix: /s)
  })
})
