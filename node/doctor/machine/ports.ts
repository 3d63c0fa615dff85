/** Whether the ports of the node can be listened on, before it runs. */
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import type { Finding } from '../../../core/model/finding.ts'
import { found } from '../codes/found.ts'

/** A place where the node is to listen. */
export interface Port {
  /** `http` is for programs, `listen` for other nodes: the flags that choose another. */
  readonly flag: 'http' | 'listen'
  readonly host: string
  readonly port: number
  /** Whether anybody chose it; otherwise the node takes the next free one for peers. */
  readonly named: boolean
}

export interface PortFacts extends Port {
  /** The system's code for why it cannot be listened on; absent where it can. */
  readonly code?: string
}

/** The place of a multiaddr of TCP; undefined for another. */
export function placeOfListen(address: string): Pick<Port, 'host' | 'port'> | undefined {
  const parts = new Map(
    multiaddr(address)
      .getComponents()
      .map(({ name, value }) => [name, value]),
  )
  const host = parts.get('ip4') ?? parts.get('ip6')
  const port = parts.get('tcp')
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) }
}

/** Takes it for a moment. */
export async function tryPort(port: Port): Promise<PortFacts> {
  const server = createServer()
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host: port.host, port: port.port, ipv6Only: port.host.includes(':') }, () =>
      server.close(() => resolve(undefined)),
    )
  })
  return { ...port, ...(code !== undefined && { code }) }
}

/** Pure. */
export function judgePorts(ports: readonly PortFacts[]): readonly Finding[] {
  const bad = ports.filter(({ code }) => code !== undefined).map(judgeRefused)
  if (bad.length > 0) return bad
  const places = ports.map(({ host, port }) => `${host}:${port}`)
  return [found('ports.ok', `free: ${places.join(', ')}`, { facts: { ports } })]
}

function judgeRefused({ flag, host, port, named, code }: PortFacts): Finding {
  const place = `TCP ${host}:${port}`
  const facts = { flag, host, port, code }
  if (code !== 'EADDRINUSE') return found('ports.refused', `cannot listen on ${place} (${code})`, { facts })
  if (flag === 'listen' && !named) {
    return found('ports.moved', `another program has ${place}: the node takes the next free port for peers`, { facts })
  }
  const fix = flag === 'http' ? `stop it, or: realmesh up --http ${host}:0` : OTHER_LISTEN
  return found('ports.taken', `another program listens on ${place}`, { fix, facts })
}

const OTHER_LISTEN = 'stop it, or choose another port: realmesh up --listen /ip4/0.0.0.0/tcp/4502'
