/**
 * The peers that a fresh node may join through: `bootstrap.json` (per network) and what the owner names. The shipped
 * file is empty; an address that does not answer is worse than none.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** Joining needs a handful of doors; a longer list only slows the start. */
export const MAX_BOOTSTRAP_PEERS = 64

const EXAMPLE = '/ip4/192.0.2.7/tcp/4501/p2p/<peer id>'

const schema = z.strictObject({
  networks: z.record(z.string().min(1), z.array(z.string()).max(MAX_BOOTSTRAP_PEERS)),
})

/** The list that comes with the program; the sources lie two folders below it, the compiled files three. */
export function shippedBootstrapList(): string {
  const candidates = ['../../bootstrap.json', '../../../bootstrap.json'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  return candidates.find((path) => existsSync(path)) ?? candidates[0] ?? 'bootstrap.json'
}

/** The peer at the end of a multiaddr; undefined when the address names none, or what it names is no peer id. */
export function peerOf(address: Multiaddr): PeerId | undefined {
  const named = address.getComponents().filter((part) => part.name === 'p2p')
  try {
    return peerIdFromString(named.at(-1)?.value ?? '')
  } catch {
    return undefined // multiaddrs are not checked for the sense of what they name
  }
}

/**
 * One bootstrap address. It must name the peer (`/p2p/…`), so that no other peer can answer in its place; behind a
 * `/dnsaddr/` the records of the name do.
 * `where` says in an error where the text stood, such as `bootstrap.json: networks.main[0]`.
 */
export function parseBootstrapAddress(text: string, where: string): Multiaddr {
  const fix = `write it like ${EXAMPLE}; \`realmesh status\` on that node prints its own`
  let address: Multiaddr
  try {
    address = multiaddr(text)
  } catch (cause) {
    throw new RealmeshError('BAD_MULTIADDR', `${where}: "${text}" is not a multiaddr`, { cause, fix })
  }
  if (peerOf(address) === undefined && address.getComponents()[0]?.name !== 'dnsaddr') {
    throw new RealmeshError('BAD_MULTIADDR', `${where}: "${text}" does not name a peer`, { fix })
  }
  return address
}

/**
 * The addresses that `text` lists for `network`; a network that is not listed has none. `source` names the file in
 * errors.
 */
export function parseBootstrapList(text: string, network: string, source = 'bootstrap.json'): readonly Multiaddr[] {
  const fix = `the file looks like {"networks": {"main": ["${EXAMPLE}"]}}`
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new RealmeshError('CONFIG_INVALID', `${source}: not JSON`, { cause, fix })
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = issue?.path.join('.') || 'top level'
    throw new RealmeshError('CONFIG_INVALID', `${source}: ${path}: ${issue?.message ?? 'wrong shape'}`, { fix })
  }
  const listed = Object.hasOwn(parsed.data.networks, network) ? (parsed.data.networks[network] ?? []) : []
  return listed.map((address, i) => parseBootstrapAddress(address, `${source}: networks.${network}[${i}]`))
}

/** Reads the addresses of `network` from a file. @default the shipped list */
export async function readBootstrapList(network: string, path = shippedBootstrapList()): Promise<readonly Multiaddr[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    const fix = 'check the path and its rights, or install realmesh again'
    throw new RealmeshError('CONFIG_UNREADABLE', `${path}: cannot be read`, { cause, fix })
  }
  return parseBootstrapList(text, network, path)
}
