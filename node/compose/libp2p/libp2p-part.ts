/**
 * libp2p as a part of the node. Where it cannot listen, the error says which address and why; libp2p's own tells it in
 * prose.
 */
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import type { Startable } from '../../../core/run/startable.ts'
import type { Libp2pNode } from './libp2p-node.ts'

/**
 * `listen`: the addresses that it was made with. Its start throws `PORT_IN_USE` or `BIND_REFUSED`, or what libp2p
 * threw.
 */
export function libp2pPart(libp2p: Pick<Libp2pNode, 'start' | 'stop'>, listen: readonly string[]): Startable {
  return {
    start: async () => {
      try {
        await libp2p.start()
      } catch (error) {
        throw (await whyNotListening(listen)) ?? error
      }
    },
    stop: async () => {
      await libp2p.stop()
    },
  }
}

/** The first address that the system does not give us, as an error with a fix; undefined when it gives all of them. */
async function whyNotListening(listen: readonly string[]): Promise<RealmeshError | undefined> {
  for (const address of listen) {
    const code = await bindCode(address)
    if (code !== undefined) return bindError(address, code)
  }
  return undefined
}

/**
 * Takes the address for a moment. The system's code when it may not; undefined when it may, or when it is no TCP
 * address.
 */
export async function bindCode(address: string): Promise<string | undefined> {
  const parts = new Map(
    multiaddr(address)
      .getComponents()
      .map(({ name, value }) => [name, value]),
  )
  const host = parts.get('ip4') ?? parts.get('ip6')
  const port = parts.get('tcp')
  if (host === undefined || port === undefined) return undefined
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    server.listen({ host, port: Number(port), ipv6Only: parts.has('ip6') }, () =>
      server.close(() => resolve(undefined)),
    )
  })
}

function bindError(address: string, code: string): RealmeshError {
  if (code === 'EADDRINUSE') {
    return new RealmeshError('PORT_IN_USE', `another program listens on ${address}`, {
      fix: `stop it, or choose another port with --listen ${address.replace(/\d+$/, '0')} (0 takes any free one)`,
    })
  }
  return new RealmeshError('BIND_REFUSED', `cannot listen on ${address} (${code})`, {
    fix: 'choose an address of this machine and a port above 1023 with --listen /ip4/ADDRESS/tcp/PORT',
  })
}
