import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { ComfySocket } from '../../../../engines/images/comfyui-socket.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex')
const PREVIEW = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]), PNG])

const event = (n: number): string => JSON.stringify({ type: 'progress', data: { value: n } })

/** An engine that is open to all who reach it. */
const OPEN = { headers: {}, search: '' }

describe('ComfySocket', () => {
  let server: WebSocketServer
  let cancel: AbortController
  let socket: ComfySocket
  let engine: WebSocket

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    cancel = new AbortController()
    const { port } = server.address() as AddressInfo
    const connected = once(server, 'connection')
    socket = new ComfySocket(
      { signal: cancel.signal },
      { engine: 'comfyui', url: `http://127.0.0.1:${port}`, access: OPEN, clientId: 'c' },
    )
    engine = (await connected)[0]
    await socket.opened()
  })

  afterEach(() => {
    socket.close()
    for (const client of server.clients) client.terminate()
    server.close()
  })

  /** Resolves when all that was sent before has arrived. */
  const arrived = async (): Promise<void> => {
    engine.ping()
    await once(engine, 'pong')
  }

  it('gives events and previews in their order, and skips what is neither', async () => {
    for (const message of [event(1), 'no JSON', '{"noType":1}', PREVIEW, Buffer.from([0, 0, 0, 9, 1, 2]), event(2)]) {
      engine.send(message)
    }
    const messages = [await socket.next(), await socket.next(), await socket.next()]
    assert.deepEqual(
      messages.map((message) => (message.type === 'preview' ? message.mediaType : message.data['value'])),
      [1, 'image/png', 2],
    )
  })

  it('lets go of old previews when the reader is slow, and of no event', async () => {
    for (let n = 0; n < 200; n += 1) {
      engine.send(PREVIEW)
      engine.send(event(n))
    }
    await arrived()
    const seen: unknown[] = []
    while (seen.at(-1) !== 199) {
      const message = await socket.next()
      if (message.type === 'event') seen.push(message.data['value'])
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 200 }, (_, n) => n),
    )
  })

  it('gives up on a flood of events', async () => {
    for (let n = 0; n <= 256; n += 1) engine.send(event(n))
    await once(engine, 'close')
    for (let n = 0; n < 256; n += 1) await socket.next()
    await assert.rejects(socket.next(), { code: 'ENGINE_GARBAGE' })
  })

  it('tells that the engine went away, behind what it said before', async () => {
    engine.send(event(1))
    engine.close()
    assert.equal((await socket.next()).type, 'event')
    await assert.rejects(socket.next(), { code: 'ENGINE_FAILED' })
  })

  it('gives nothing more after a cancel, and closes the connection', async () => {
    engine.send(event(1))
    await arrived()
    const closed = once(engine, 'close')
    cancel.abort()
    await assert.rejects(socket.next(), { code: 'CANCELLED' })
    await closed
  })
})

describe('a ComfySocket to nobody', () => {
  it('says that the engine cannot be reached', async () => {
    const init = { engine: 'comfyui', url: 'http://127.0.0.1:1', access: OPEN, clientId: 'c' }
    const socket = new ComfySocket({ signal: new AbortController().signal }, init)
    await assert.rejects(socket.opened(), { code: 'ENGINE_FAILED' })
    socket.close()
  })
})
