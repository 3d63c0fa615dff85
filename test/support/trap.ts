/** A listener on an address of this machine where no node has any business: it counts who comes, and hangs up. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

export interface Trap {
  readonly address: Multiaddr
  readonly port: number
  reached(): number
  close(): void
}

/** `host`: such as `127.0.0.2`, which only Linux has without being asked. */
export async function trapAt(host: string): Promise<Trap> {
  let reached = 0
  const server = createServer((socket) => {
    reached += 1
    socket.on('error', () => {}).destroy()
  })
  server.listen(0, host)
  await once(server, 'listening')
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    address: multiaddr(`/ip4/${host}/tcp/${port}`),
    port,
    reached: () => reached,
    close: () => {
      server.close()
    },
  }
}
