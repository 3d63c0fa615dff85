/** Whether this machine has a network at all. */
import { networkInterfaces } from 'node:os'
import type { Finding } from '../../../core/model/finding.ts'
import { found } from '../codes/found.ts'

/** IP addresses of this machine by which others could reach it. */
export function readInterfaces(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
}

/** Pure. */
export function judgeInterfaces(addresses: readonly string[]): Finding {
  const facts = { addresses }
  if (addresses.length === 0) return found('interfaces.none', 'this machine has no address but loopback', { facts })
  return found('interfaces.ok', `this machine is ${addresses.slice(0, 3).join(', ')}`, { facts })
}
