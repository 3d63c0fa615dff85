import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { HttpClient } from '../../../../engines/http/http-client.ts'

const never = new AbortController().signal

describe('http client', () => {
  const servers: Server[] = []
  const clients: HttpClient[] = []

  async function serve(listener: RequestListener): Promise<HttpClient> {
    const server = createServer(listener)
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return client(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`)
  }

  function client(url: string): HttpClient {
    const made = new HttpClient({ engine: 'stub', url, headers: { 'x-own': 'yes' } })
    clients.push(made)
    return made
  }

  afterEach(async () => {
    for (const made of clients.splice(0)) await made.close()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  it('keeps the path of its base and sends its own headers', async () => {
    const http = await serve((request, response) => {
      response.end(
        JSON.stringify([request.method, request.url, request.headers['x-own'], request.headers['content-type']]),
      )
    })
    assert.deepEqual(await http.json({ path: '/a?b=1', json: {} }, { signal: never }), [
      'POST',
      '/base/a?b=1',
      'yes',
      'application/json',
    ])
    assert.deepEqual(await http.json({ path: '/a' }, { signal: never }), ['GET', '/base/a', 'yes', null])
  })

  it('asks for replies as they are, and says what a packed one is', async () => {
    const http = await serve((request, response) => {
      assert.equal(request.headers['accept-encoding'], 'identity')
      response.setHeader('content-encoding', request.url === '/base/plain' ? 'identity' : 'gzip').end('{}')
    })
    assert.deepEqual(await http.json({ path: '/plain' }, { signal: never }), {})
    await assert.rejects(http.json({ path: '/packed' }, { signal: never }), {
      code: 'ENGINE_GARBAGE',
      message: 'stub sent a reply packed as gzip, which was not asked for',
    })
  })

  it('stops reading from the socket while the reader is busy, and loses nothing', async () => {
    const total = 32 * 1024 * 1024
    let written = 0
    let stalled: () => void = () => {}
    const blocked = new Promise<void>((resolve) => {
      stalled = resolve
    })
    const http = await serve((_request, response) => {
      const block = Buffer.alloc(64 * 1024, 'x')
      const pump = (): void => {
        while (written < total) {
          written += block.length
          if (!response.write(block)) {
            const timer = setImmediate(stalled)
            response.once('drain', () => {
              clearImmediate(timer)
              pump()
            })
            return
          }
        }
        response.end()
      }
      pump()
    })
    const exchange = await http.open({ path: '/' }, { signal: never, maxBytes: total })
    await blocked
    assert.ok(written < total, 'the server had to wait')
    let received = 0
    for (let part = await exchange.read(); part !== undefined; part = await exchange.read()) received += part.length
    assert.equal(received, total)
  })

  it('uses its connections again after whole replies', async () => {
    const ports = new Set<number | undefined>()
    const http = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('{}')
    })
    for (let i = 0; i < 8; i += 1) await http.json({ path: '/' }, { signal: never })
    // Two, because the pool counts a connection as busy for one tick after its reply.
    assert.ok(ports.size <= 2, `${ports.size} connections`)
  })

  it('closes the connection at once when the query is aborted', async () => {
    let gone: Promise<unknown> = Promise.resolve()
    const http = await serve((request, response) => {
      gone = once(request.socket, 'close')
      response.write('first')
    })
    const cancel = new AbortController()
    const exchange = await http.open({ path: '/' }, { signal: cancel.signal })
    await exchange.read()
    cancel.abort()
    await assert.rejects(exchange.read(), { code: 'CANCELLED' })
    await gone
  })

  it('can be aborted before it is connected', async () => {
    const cancel = new AbortController()
    const reply = client('http://127.0.0.1:9').json({ path: '/' }, { signal: cancel.signal })
    cancel.abort()
    await assert.rejects(reply, { code: 'CANCELLED' })
  })

  it('gives the reason of the abort when it is one of ours', async () => {
    const http = await serve(() => {})
    const cancel = new AbortController()
    const reply = http.json({ path: '/' }, { signal: cancel.signal })
    cancel.abort(new RealmeshError('TIMEOUT', 'nothing within 5 ms'))
    await assert.rejects(reply, { code: 'TIMEOUT' })
  })

  it('gives up on a head that is later than it may be', async () => {
    const http = await serve(() => {})
    await assert.rejects(http.open({ path: '/' }, { signal: never, headWithinMs: 5 }), { code: 'TIMEOUT' })
  })

  it('refuses a reply that is larger than it may be', async () => {
    const http = await serve((_request, response) => {
      response.write(Buffer.alloc(2_000))
    })
    await assert.rejects(http.bytes({ path: '/' }, { signal: never, maxBytes: 1_000 }), { code: 'ENGINE_GARBAGE' })
  })

  it('reads no more of an endless error than it needs', async () => {
    const http = await serve((_request, response) => {
      response.writeHead(500)
      const flood = (): void => {
        while (response.write(Buffer.alloc(64 * 1024, 'e')) && !response.destroyed) {}
      }
      response.on('drain', flood)
      flood()
    })
    await assert.rejects(http.bytes({ path: '/' }, { signal: never }), (error: Error) => {
      assert.equal('code' in error && error.code, 'ENGINE_FAILED')
      assert.ok(error.message.length < 250)
      return true
    })
  })

  it('follows no redirect', async () => {
    const http = await serve((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
    await assert.rejects(http.json({ path: '/' }, { signal: never }), { code: 'ENGINE_FAILED', retryable: false })
  })

  it('fails when the server speaks something else', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const http = client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await assert.rejects(http.json({ path: '/' }, { signal: never }), { code: 'ENGINE_FAILED' })
    server.close()
  })

  it('leaves no listener behind on a signal that lives on', async () => {
    const http = await serve((_request, response) => response.end('{}'))
    const life = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = life.signal
    life.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1
      addEventListener.apply(life.signal, args)
    }
    life.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1
      removeEventListener.apply(life.signal, args)
    }
    for (let i = 0; i < 3; i += 1) await http.json({ path: '/' }, { signal: life.signal })
    assert.equal(listeners, 0)
  })
})

describe('a connection that died unnoticed', () => {
  /** A server that lets each connection serve `lives` requests and closes it under the next, without a word. */
  async function mortal(lives: number): Promise<{ http: HttpClient; seen: string[]; close: () => Promise<void> }> {
    const seen: string[] = []
    const served = new WeakMap<object, number>()
    const server = createServer((request, response) => {
      const count = served.get(request.socket) ?? 0
      served.set(request.socket, count + 1)
      seen.push(`${request.method} ${count}`)
      if (count >= lives) request.socket.destroy()
      else response.end('{}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const http = new HttpClient({
      engine: 'stub',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    })
    const close = async (): Promise<void> => {
      await http.close()
      server.closeAllConnections()
      server.close()
    }
    return { http, seen, close }
  }

  it('costs a question nothing: it is asked once more, by a fresh one', async () => {
    const { http, seen, close } = await mortal(1)
    for (let i = 0; i < 4; i += 1) await http.json({ path: '/' }, { signal: never })
    assert.deepEqual(seen, ['GET 0', 'GET 1', 'GET 0', 'GET 1', 'GET 0', 'GET 1', 'GET 0'])
    await close()
  })

  it('costs a repeatable order nothing, either', async () => {
    const { http, seen, close } = await mortal(1)
    for (let i = 0; i < 2; i += 1) await http.json({ path: '/', json: {}, repeatable: true }, { signal: never })
    assert.deepEqual(seen, ['POST 0', 'POST 1', 'POST 0'])
    await close()
  })

  it('is never used for an order that must not be given twice', async () => {
    const { http, seen, close } = await mortal(1)
    await http.json({ path: '/' }, { signal: never })
    await http.json({ path: '/', json: {} }, { signal: never })
    assert.deepEqual(seen, ['GET 0', 'POST 0'])
    await close()
  })

  it('is not made an excuse for: a fresh connection that breaks is a failure, and the request is sent once', async () => {
    const { http, seen, close } = await mortal(0)
    await assert.rejects(http.json({ path: '/' }, { signal: never }), { code: 'ENGINE_FAILED' })
    assert.deepEqual(seen, ['GET 0'])
    await close()
  })

  it('is not used again when the engine is known to close it', async () => {
    const { http, seen, close } = await mortal(1)
    const order = { path: '/', json: {}, repeatable: true, alone: true }
    for (let i = 0; i < 3; i += 1) await http.json(order, { signal: never })
    await http.json({ path: '/' }, { signal: never })
    assert.deepEqual(seen, ['POST 0', 'POST 0', 'POST 0', 'GET 0'])
    await close()
  })
})
