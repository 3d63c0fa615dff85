/** Where programs reach the gateway: on this machine, and from others where it listens for them. Pure. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

const WILDCARDS = ['0.0.0.0', '::', '']

/**
 * `own` is the gateway's address on this machine, `host` what it was told to listen on. The own one comes last: others
 * need the rest.
 */
export function programUrls(
  own: string,
  host: string,
  interfaces: Interfaces = networkInterfaces(),
): readonly string[] {
  if (!WILDCARDS.includes(host)) return [own]
  const { port } = new URL(own)
  const addresses = Object.values(interfaces).flatMap((all = []) =>
    all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  )
  return [...addresses.map((address) => `http://${address}:${port}`), own]
}
