/** Names by which others in the network, and containers on this machine, call it. */
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'

/** What Docker calls the machine that its containers run on. */
const CONTAINER_NAMES = ['host.docker.internal', 'host.containers.internal', 'gateway.docker.internal']

const RESOLVER_FILE = '/etc/resolv.conf'

/** The names of this machine, in lower case. A resolver that cannot be read adds none. */
export async function readOwnNames(): Promise<readonly string[]> {
  return ownNames(hostname(), await readFile(RESOLVER_FILE, 'utf8').catch(() => ''))
}

/** The host's name as it is, its first label, that in mDNS and in the domains of the resolver; and Docker's for it. */
export function ownNames(host: string, resolver: string): readonly string[] {
  const full = host.toLowerCase().replace(/\.$/, '')
  const [label = ''] = full.split('.')
  if (!/^[a-z0-9_-]+$/.test(label)) return CONTAINER_NAMES
  const names = ['local', ...searchDomains(resolver)].map((domain) => `${label}.${domain}`)
  return [...new Set([full, label, ...names, ...CONTAINER_NAMES])]
}

function searchDomains(resolver: string): readonly string[] {
  const lines = [...resolver.matchAll(/^\s*(?:search|domain)\s+(.+)$/gm)]
  return lines.flatMap(([, words = '']) => words.toLowerCase().split(/\s+/)).filter((word) => DOMAIN.test(word))
}

const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/
