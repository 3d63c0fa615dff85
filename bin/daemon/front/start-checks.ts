/**
 * Whether the daemon could start with a configuration. What a change names is looked at before the change is written: a
 * node that goes on well with a file that it could not start from is found out at the worst moment.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { RealmeshConfig } from '../../../config/config.ts'
import { type RealmeshError, toRealmeshError } from '../../../core/realmesh-error.ts'
import { assertMayBind, bindError } from '../../../gateway/door/bind.ts'
import { PageFolder } from '../../../gateway/rentahal/page/page-folder.ts'
import { loadFederationKey } from '../../../home/federation-key.ts'
import type { HomeFolder } from '../../../home/home-folder.ts'
import { readCertificate } from './certificate.ts'
import { readGatewayKeys } from './gateway-keys.ts'

/** Something that a start needs. */
interface StartCheck {
  /** What it depends on. */
  readonly of: (config: RealmeshConfig) => unknown
  /** Throws what would keep the daemon from starting. */
  readonly check: (config: RealmeshConfig, home: HomeFolder) => Promise<unknown>
}

const CHECKS: readonly StartCheck[] = [
  {
    of: ({ node }) => node.rentahal.page,
    check: async ({ node }) => node.rentahal.page !== undefined && (await PageFolder.open(node.rentahal.page)),
  },
  {
    of: ({ node }) => [node.tlsCert, node.tlsKey],
    check: async ({ node: { tlsCert: cert, tlsKey: key } }) =>
      cert !== undefined && key !== undefined && (await readCertificate({ cert, key })),
  },
  {
    of: ({ node }) => [node.http.host, node.apiKeyFile],
    check: async ({ node: { http, apiKeyFile } }, home) => {
      const keys = await readGatewayKeys(apiKeyFile ?? home.apiKeys)
      assertMayBind(http.host, keys.length)
      await assertOwnAddress(http.host)
    },
  },
  {
    of: ({ node }) => node.federationKey,
    check: async ({ node }, home) =>
      node.federationKey !== undefined && (await loadFederationKey(home, node.federationKey)),
  },
  {
    of: ({ node }) => hostsOf(node.listen),
    check: async ({ node }) => {
      for (const host of hostsOf(node.listen)) await assertOwnAddress(host)
    },
  },
]

/**
 * Throws what would keep the daemon from starting with `next`, of all that is not as in `before`: what was wrong before
 * keeps no other change from being made. Ports are not looked at: a program that has one now need not have it then.
 */
export async function assertStarts(next: RealmeshConfig, before: RealmeshConfig, home: HomeFolder): Promise<void> {
  for (const { of, check } of CHECKS) if (!isDeepStrictEqual(of(next), of(before))) await check(next, home)
}

/** Everything that keeps the daemon from starting with `config`, but its ports. Never rejects. */
export async function startProblems(config: RealmeshConfig, home: HomeFolder): Promise<readonly RealmeshError[]> {
  const ended = await Promise.allSettled(CHECKS.map(({ check }) => check(config, home)))
  return ended.flatMap((end) => (end.status === 'rejected' ? [toRealmeshError(end.reason)] : []))
}

/** The IP addresses of multiaddrs. */
function hostsOf(addresses: readonly string[]): readonly string[] {
  return addresses.flatMap((address) => /^\/ip[46]\/([^/]+)/.exec(address)?.[1] ?? [])
}

/** Throws `BIND_REFUSED` where this machine has no such address. */
async function assertOwnAddress(host: string): Promise<void> {
  const server = createServer()
  try {
    server.listen({ host, port: 0 })
    await once(server, 'listening')
  } catch (cause) {
    throw bindError(cause, host, 0)
  } finally {
    server.close()
  }
}
