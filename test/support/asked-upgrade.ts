import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'

const WANTED = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16, 'k').toString('base64'),
}

/** Asks for a WebSocket and leaves. Resolves with the status: 101 where one was opened. */
export function askedUpgrade(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, headers: { ...WANTED, ...headers }, agent: false })
    call.once('upgrade', ({ statusCode = 0 }: IncomingMessage, socket: Duplex) => {
      socket.destroy()
      resolve(statusCode)
    })
    call.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    call.once('error', reject)
    call.end()
  })
}
