import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { boundUnread } from '../../../../gateway/door/unread-answer.ts'

/** More than two sockets hold between them. */
const LONG = Buffer.alloc(32 * 1024 * 1024)

describe('an answer that is not read', () => {
  let server: Server
  async function serve(limitMs: number): Promise<number> {
    server = createServer((_request, response) => {
      boundUnread(response, limitMs)
      response.end(LONG)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const HEAD = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'

  it('ends its connection', async () => {
    const socket = connect(await serve(20), '127.0.0.1')
    socket.pause().write(HEAD)
    const [served] = (await once(server, 'connection')) as [Socket]
    await once(served, 'close')
    socket.destroy()
  })

  it('goes out whole to one that reads', async () => {
    const socket = connect(await serve(60_000), '127.0.0.1')
    socket.write(HEAD)
    assert.ok((await buffer(socket)).length > LONG.length)
  })
})
