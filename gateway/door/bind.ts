/** Where the gateway may listen: loopback for everyone, anything wider only with a key. */
import { BlockList, isIP } from 'node:net'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Whether `host` reaches this machine only. Names other than `localhost` count as the outside: what they resolve to may
 * change.
 */
export function isLoopbackHost(host: string): boolean {
  const kind = isIP(host)
  if (kind === 0) return host.toLowerCase() === 'localhost'
  return LOOPBACK.check(host, kind === 4 ? 'ipv4' : 'ipv6')
}

/** Whether `host` stands for every address of the machine. */
export function isWildcardHost(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === ''
}

/** Throws `BIND_REFUSED` when the gateway would be open to the network without a key. */
export function assertMayBind(host: string, keys: number): void {
  if (keys > 0 || isLoopbackHost(host)) return
  throw new RealmeshError('BIND_REFUSED', `the gateway would be open to the network at ${host} without an API key`, {
    fix: 'realmesh keys add makes a key that callers must send; or listen on 127.0.0.1',
  })
}

/** The system's refusal to listen as an error with a fix. */
export function bindError(cause: unknown, host: string, port: number): RealmeshError {
  const code = codeOf(cause)
  if (code === 'EADDRINUSE') {
    return new RealmeshError('PORT_IN_USE', `another program listens on ${hostPort(host, port)}`, {
      fix: `stop it, or choose another port with --http ${hostPort(host, 0)} (0 takes any free one)`,
      cause,
    })
  }
  return new RealmeshError('BIND_REFUSED', `cannot listen on ${hostPort(host, port)} (${code ?? String(cause)})`, {
    fix: 'choose an address of this machine and a port above 1023 with --http HOST:PORT',
    cause,
  })
}

/** `host:port` as it stands in a URL. */
export function hostPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** The address as its machine writes it: an IPv4 one that is seen through an IPv6 socket has a prefix. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}
