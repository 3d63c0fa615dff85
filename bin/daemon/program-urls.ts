/** Where programs reach the gateway: on this machine, and from others where it listens for them. Pure. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { portOf } from '../../core/net/url-port.ts'
import { hostPort, isWildcardHost } from '../../gateway/door/bind.ts'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * `own` is the gateway's address on this machine, `host` what it was told to listen on. The own one comes last: others
 * need the rest.
 */
export function programUrls(
  own: string,
  host: string,
  interfaces: Interfaces = networkInterfaces(),
): readonly string[] {
  if (!isWildcardHost(host)) return [own]
  const { protocol } = new URL(own)
  const port = portOf(own)
  const named = Object.entries(interfaces).map(([name, all = []]) => ({ name, all: all.filter(isReachable) }))
  const near = named.filter(({ name }) => !BRIDGE.test(name)).flatMap(({ all }) => all)
  const bridges = named.filter(({ name }) => BRIDGE.test(name)).flatMap(({ all }) => all)
  const usable = [...inShort(near, host), ...inShort(bridges, host)]
  return [...usable.map(({ address }) => `${protocol}//${hostPort(address, port)}`), own]
}

/** Networks within this machine: containers and virtual machines reach it there, and others do not. */
const BRIDGE = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|cni|podman|lxc)/

/** Link-local IPv6 addresses need the name of an interface, which URLs have no place for. */
function isReachable({ address, internal }: NetworkInterfaceInfo): boolean {
  return !internal && !/^fe[89ab]/i.test(address)
}

/** IPv4 is what people type; IPv6 stands where there is no other, and only where the gateway listens for it. */
function inShort(all: readonly NetworkInterfaceInfo[], host: string): readonly NetworkInterfaceInfo[] {
  const short = all.filter(({ family }) => family === 'IPv4')
  return short.length > 0 || host === '0.0.0.0' ? short : all
}
