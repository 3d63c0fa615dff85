/** What clients have sent over WebSockets, and nobody has answered yet, is bounded with the bodies of requests. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { responseSockets } from '../../../../../../gateway/openai/responses/socket/response-sockets.ts'
import { BodyBudget, UNCOUNTED_BYTES } from '../../../../../../gateway/request/body-budget.ts'
import { type OpenDesk, openDesk } from '../../../../../support/response-desk.ts'
import { SocketClient, spoken } from '../../../../../support/socket-client.ts'
import { until } from '../../../../../support/until.ts'

describe('the messages of WebSockets', () => {
  const maxBytes = 4 * UNCOUNTED_BYTES
  const large = 'x'.repeat(4 * UNCOUNTED_BYTES)
  const half = `{"type":"response.create","model":"tiny","input":"${large}`
  let at: OpenDesk
  let budget: BodyBudget
  let server: Server
  let clients: SocketClient[]
  beforeEach(async () => {
    at = openDesk()
    budget = new BodyBudget({ maxBytes })
    const readJson = async (bytes: Buffer): Promise<unknown> => JSON.parse(bytes.toString())
    const sockets = responseSockets({ context: at.context, desk: at.desk, readJson, budget })
    server = createServer().on('upgrade', (request, socket, head) => sockets.open({ request, socket, head }))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    clients = []
  })
  afterEach(async () => {
    for (const { socket } of clients) socket.terminate()
    await once(server.close(), 'close')
  })

  const connected = async (): Promise<SocketClient> => {
    const client = new SocketClient((server.address() as AddressInfo).port)
    clients.push(client)
    return await client.opened()
  }

  it('are counted before they have come to their end, and one that has no room is cut', async () => {
    const one = await connected()
    one.socket.send(half, { fin: false })
    await until('half a message is counted', () => budget.held > 2 * UNCOUNTED_BYTES)
    const two = await connected()
    const cut = once(two.socket, 'close')
    two.socket.send(half, { fin: false })
    await cut
    assert.ok(budget.held <= maxBytes)
    one.socket.terminate()
    await until('the room is given back', () => budget.held === 0)
  })

  it('have their room again once they are answered', async () => {
    const client = await connected()
    for (let n = 0; n < 3; n += 1) assert.equal(spoken(await client.ask({ input: large })), 'Hello world')
    await until('the room is given back', () => budget.held === 0)
  })

  it('need no room for pings, however many', async () => {
    const { socket } = await connected()
    const closed = once(socket, 'close')
    for (let sent = 0; sent < 2 * maxBytes && socket.readyState === WebSocket.OPEN; sent += 125) {
      socket.ping('x'.repeat(125))
      await Promise.race([once(socket, 'pong'), closed])
    }
    assert.equal(socket.readyState, WebSocket.OPEN)
    assert.equal(budget.held, 0)
  })
})
