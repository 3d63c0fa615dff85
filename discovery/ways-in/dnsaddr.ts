/**
 * `/dnsaddr/NAME`: a name whose TXT records list the addresses of nodes, so that they can move without a word to those
 * who wrote the name down. Resolved here and not by libp2p: what the owner names is asked, what strangers name never.
 */
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { peerOf } from '../contact/bootstrap-list.ts'

/** What is used of Node's resolver. */
export interface TxtResolver {
  resolveTxt(name: string): Promise<readonly (readonly string[])[]>
  /** Ends what is asked now. */
  cancel(): void
}

/** How long a name server may take, milliseconds, and how often it is asked. */
export const RESOLVER = { timeout: 2_500, tries: 2 }

/** Addresses that are taken of one name: as many as `bootstrap.json` may list. */
export const MAX_DNSADDR_ADDRESSES = 64
/** Names that one name may lead to, over all of them: two layers of regions and hosts. */
export const MAX_DNSADDR_NAMES = 16

/** A record that is one of ours, as the specification of `/dnsaddr` writes it. */
const RECORD = /^dnsaddr=(.+)$/

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'the name has no TXT records',
  ETIMEOUT: 'no name server answered',
  ECONNREFUSED: 'no name server answers',
  ESERVFAIL: 'the name server failed',
}

/** The name of a `/dnsaddr/` address; undefined for all others. */
export function dnsaddrName(address: Multiaddr): string | undefined {
  const [first] = address.getComponents()
  return first?.name === 'dnsaddr' ? first.value : undefined
}

/**
 * The addresses behind a `/dnsaddr/` address, each with its peer; names that they lead to are followed. Where the
 * address names a peer only those of that peer. Throws `PEER_UNREACHABLE` with the cause, also where there is none.
 */
export async function resolveDnsaddr(
  address: Multiaddr,
  resolver: Pick<TxtResolver, 'resolveTxt'>,
): Promise<readonly Multiaddr[]> {
  const wanted = peerOf(address)
  const found: Multiaddr[] = []
  const asked = new Set<string>()
  const names = [nameIn(address)]
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (asked.has(name) || asked.size >= MAX_DNSADDR_NAMES) continue
    asked.add(name)
    for (const listed of await listedBy(name, resolver)) {
      const peer = peerOf(listed)
      if (wanted !== undefined && peer !== undefined && !wanted.equals(peer)) continue
      const further = dnsaddrName(listed)
      if (further !== undefined) names.push(further)
      else if (peer !== undefined && found.length < MAX_DNSADDR_ADDRESSES) found.push(listed)
    }
  }
  if (found.length > 0) return found
  throw unresolved(address, `it lists no address of ${wanted === undefined ? 'a peer' : 'that peer'}`)
}

function nameIn(address: Multiaddr): string {
  const name = dnsaddrName(address)
  if (name === undefined) throw unresolved(address, 'it is no /dnsaddr/ address')
  return name
}

async function listedBy(name: string, resolver: Pick<TxtResolver, 'resolveTxt'>): Promise<readonly Multiaddr[]> {
  let records: readonly (readonly string[])[]
  try {
    records = await resolver.resolveTxt(`_dnsaddr.${name}`)
  } catch (cause) {
    const code = codeOf(cause) ?? ''
    throw unresolved(`/dnsaddr/${name}`, CAUSES[code] ?? (code || String(cause)), cause)
  }
  // A long text comes in parts.
  return records.flatMap((parts) => addressIn(parts.join('')))
}

/** Nothing for a record of another kind, or one that makes no sense: it does not spoil the others. */
function addressIn(record: string): readonly Multiaddr[] {
  const text = RECORD.exec(record)?.[1]
  if (text === undefined) return []
  try {
    return [multiaddr(text)]
  } catch {
    return []
  }
}

function unresolved(address: { toString(): string }, why: string, cause?: unknown): RealmeshError {
  return new RealmeshError('PEER_UNREACHABLE', `${address.toString()}: ${why}`, {
    fix: 'the name needs TXT records at _dnsaddr.NAME, each dnsaddr=/ip4/…/tcp/…/p2p/PEERID',
    cause,
  })
}
