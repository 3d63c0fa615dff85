/** Why the swarm's side could not listen, as an error with a fix: the library tells it in several lines about its own options. */
import { RealmeshError } from '../../core/realmesh-error.ts'

/** What the system said to one address: `  /ip4/…/tcp/4501: Error: listen EADDRINUSE: …`. */
const REFUSED = /(\/(?:ip4|ip6|dns[46]?)\/[^\s/]+\/tcp\/\d+)[^\n]*?\b(E[A-Z]{3,})\b/

/** `thrown`: what starting libp2p threw. What is not about listening comes back as it is. */
export function listenError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown
  const [, address, code] = REFUSED.exec(thrown.message) ?? []
  if (address === undefined || code === undefined) return thrown
  if (code === 'EADDRINUSE') {
    return new RealmeshError('PORT_IN_USE', `another program listens on ${address}`, {
      fix: `stop it, or choose another port with --listen ${address.replace(/\d+$/, '0')} (0 takes any free one)`,
      cause: thrown,
    })
  }
  return new RealmeshError('BIND_REFUSED', `cannot listen on ${address} (${code})`, {
    fix: 'choose an address of this machine and a port above 1023 with --listen /ip4/ADDRESS/tcp/PORT',
    cause: thrown,
  })
}
