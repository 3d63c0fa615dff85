/**
 * `federation_hosts[]` of realms.yml, HTTP hosts of other federations: as they are written (`hostSchema`), and as the
 * node is composed from them (`HostConfig`). Tokens lie in files of their own, never here.
 */
import { z } from 'zod'
import { RELATIONS, type Relation } from '../../core/scope.ts'
import { trimUrl } from '../forms/addresses.ts'
import { absolute, formed, httpUrl, label, list, positiveCount, realmName } from './schema-parts.ts'

/** What a federation calls itself. */
export const federationName = formed(/^[A-Za-z0-9_.-]{1,64}$/, 'up to 64 letters, digits, "_", "." or "-"', {
  example: 'federation_12345678',
})

/** `in`: the host may ask this node; `out`: this node may ask the host. */
const DIRECTIONS = ['both', 'in', 'out'] as const

export const hostSchema = z
  .strictObject({
    name: label.optional().describe('What status and receipts call it. Default: made from its address.'),
    url: httpUrl.describe('Where it is. A password in it is sent as it is; a `token_file` goes before it.'),
    federation_id: federationName.optional().describe('Who it must say that it is. Default: whatever it says.'),
    token_file: z
      .string()
      .min(1)
      .optional()
      .describe('File (mode 0600) with the token that both sides hold: sent to the host, and asked of it.'),
    direction: z
      .enum(DIRECTIONS)
      .optional()
      .describe('Who may ask whom: `in`, it us; `out`, we it. Default: `both` with a `token_file`, else `out`.'),
    relation: z
      .enum(RELATIONS)
      .default('friend')
      .describe(
        'What it is to this node: own queries go there where their scope reaches that, and `share` decides likewise.',
      ),
    realms: list(realmName).default([]).describe('Realms that it may ask and be asked for; empty: all.'),
    slots: positiveCount.max(10_000).optional().describe('Queries at once that are sent there. Default: what it says.'),
  })
  .describe('An HTTP host of another federation, by `/api/federation`.')

export type HostFile = z.output<typeof hostSchema>

export interface HostConfig {
  /** Unique among hosts and workers. */
  readonly name: string
  /** Base URL without a trailing slash; a user and password may stand in it. */
  readonly url: string
  /** Who it must say that it is; undefined: whatever it says. */
  readonly federationId: string | undefined
  /** Absolute path of the file with the shared token. */
  readonly tokenFile: string | undefined
  /** Whether it may ask this node. */
  readonly asks: boolean
  /** Whether this node tells it of itself and may ask it. */
  readonly asked: boolean
  readonly relation: Relation
  /** Names of realms; empty means all. */
  readonly realms: readonly string[]
  /** Queries at once; undefined means what the host says. */
  readonly slots: number | undefined
}

/** Who may ask whom. */
export function directionOf({ direction, token_file }: HostFile): (typeof DIRECTIONS)[number] {
  return direction ?? (token_file === undefined ? 'out' : 'both')
}

/** A name made of an address: `host-5001` on this machine, `host-rig.lan-5001` elsewhere. */
export function hostName({ name, url }: Pick<HostFile, 'name' | 'url'>): string {
  if (name !== undefined) return name
  const { hostname, port } = new URL(url)
  const where = /^(localhost|127\.|\[::1\])/.test(hostname) ? '' : hostname
  const words = [where, port].filter((word) => word !== '').join('-')
  return `host-${words === '' ? 'local' : words}`.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 63)
}

/** A host of a file that has passed schema and cross-check. `base` is what relative paths are relative to. */
function resolveHost(host: HostFile, base: string): HostConfig {
  const direction = directionOf(host)
  return {
    name: hostName(host),
    url: trimUrl(host.url),
    federationId: host.federation_id,
    tokenFile: absolute(host.token_file, base),
    asks: direction !== 'out',
    asked: direction !== 'in',
    relation: host.relation,
    realms: host.realms,
    slots: host.slots,
  }
}

/**
 * The hosts of a file. `bootstrap`: addresses that stand alone, as RENT-A-HAL's files have them; each is a host that is
 * told and asked, unless it is named with more.
 */
export function resolveHosts(
  hosts: readonly HostFile[],
  bootstrap: readonly string[],
  base: string,
): readonly HostConfig[] {
  const named = hosts.map((host) => resolveHost(host, base))
  const taken = new Set(named.map(({ url }) => url))
  const names = new Set(named.map(({ name }) => name))
  const alone = [...new Set(bootstrap.map(trimUrl))].filter((url) => !taken.has(url))
  const more = alone.map((url) => {
    const wish = hostName({ name: undefined, url })
    let name = wish
    for (let n = 2; names.has(name); n += 1) name = `${wish}-${n}`
    names.add(name)
    return resolveHost(hostSchema.parse({ url, name }), base)
  })
  return [...named, ...more]
}
