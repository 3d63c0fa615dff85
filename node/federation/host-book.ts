/** Who is listed among the hosts of other federations, what they said of themselves, and who else was heard of. */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { HostConfig } from '../../config/schema/host-schema.ts'
import { cleanText } from '../../core/clean-text.ts'
import type { Logger } from '../../core/logger.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import {
  type HostService,
  type HostServices,
  type KnownHost,
  MAX_HOST_SERVICES,
  MAX_HOST_WORD,
  type NotedHost,
  type ToldHost,
} from '../api/federation.ts'
import { readHostToken } from '../roster/host-plan.ts'

/** Hosts that are not listed and are remembered: more than an owner looks through, and no memory for a flood. */
export const MAX_NOTED_HOSTS = 64

/** One line of the log in so long for hosts that are not listed: everyone can call. */
const TELL_EVERY_MS = 60_000

export class HostBook {
  readonly #log: Logger
  readonly #clock: Clock
  #hosts: ReadonlyMap<string, HostConfig> = new Map()
  #byToken: ReadonlyMap<string, KnownHost> = new Map()
  /** By the name of a listed host. */
  readonly #told = new Map<string, ToldHost>()
  /** What listed hosts called themselves when they were asked, by their names. */
  readonly #ids = new Map<string, string>()
  readonly #noted = new LRUCache<string, NotedHost>({ max: MAX_NOTED_HOSTS })
  #toldAt = Number.NEGATIVE_INFINITY

  constructor({ log, clock }: { readonly log: Logger; readonly clock: Clock }) {
    this.#log = log
    this.#clock = clock
  }

  /** Takes these hosts instead of those before. One whose token cannot be read may not ask. */
  async list(hosts: readonly HostConfig[]): Promise<void> {
    const rows = hosts.filter(({ asks }) => asks).map((host) => this.#tokenRow(host))
    this.#byToken = new Map((await Promise.all(rows)).flat())
    this.#hosts = new Map(hosts.map((host) => [host.name, host]))
    for (const kept of [this.#told, this.#ids])
      for (const name of kept.keys()) if (!this.#hosts.has(name)) kept.delete(name)
  }

  byToken(hash: string): KnownHost | undefined {
    return this.#byToken.get(hash)
  }

  /** Realms that the host may ask for; empty: all. */
  realmsOf({ name }: KnownHost): readonly string[] {
    return this.#hosts.get(name)?.realms ?? []
  }

  /** A listed host was asked who it is. */
  learn(name: string, federationId: string): void {
    this.#ids.set(name, federationId)
  }

  /** Names of the listed hosts of these federations. */
  named(federations: readonly string[]): readonly string[] {
    return [...this.#hosts.values()]
      .filter(({ name, federationId }) => federations.includes(federationId ?? this.#ids.get(name) ?? ''))
      .map(({ name }) => name)
  }

  /** What it says of itself is kept, its address is the one that the owner wrote. */
  heard({ name }: KnownHost, told: ToldHost): void {
    const host = this.#hosts.get(name)
    if (host === undefined) return
    this.#told.set(name, { ...cleaned(told), callbackUrl: withoutPassword(host.url) })
    this.#ids.set(name, told.federationId)
  }

  note(told: ToldHost, from: string): void {
    const noted = { ...cleaned(told), from: cleanText(from, MAX_HOST_WORD), at: this.#clock.wall() }
    this.#noted.set(`${noted.federationId} ${noted.callbackUrl}`, noted)
    const now = this.#clock.monotonic()
    if (now - this.#toldAt < TELL_EVERY_MS) return
    this.#toldAt = now
    const { federationId, callbackUrl } = noted
    this.#log.info(
      { federation: federationId, url: callbackUrl, from },
      'a host that is not listed under federation_hosts was heard of',
    )
  }

  others({ name }: KnownHost): readonly ToldHost[] {
    return [...this.#told].flatMap(([host, told]) => (host === name ? [] : [told]))
  }

  noted(): readonly NotedHost[] {
    return [...this.#noted.values()]
  }

  async #tokenRow({ name, relation, federationId, tokenFile }: HostConfig): Promise<readonly [string, KnownHost][]> {
    if (tokenFile === undefined) return []
    try {
      return [[hashToken(await readHostToken(tokenFile)), { name, relation, federationId }]]
    } catch (thrown) {
      const { code, message, fix } = toRealmeshError(thrown)
      this.#log.warn({ host: name, code, fix }, `a federation host may not ask: ${message}`)
      return []
    }
  }
}

/** The form in which tokens of hosts are kept: SHA-256, lower-case hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function cleaned({ federationId, callbackUrl, services }: ToldHost): ToldHost {
  const rows = Object.entries(services).slice(0, MAX_HOST_SERVICES)
  const clean = rows.map(([type, service]): [string, HostService] => [
    cleanText(type, MAX_HOST_WORD),
    { ...service, realm: cleanText(service.realm, MAX_HOST_WORD) },
  ])
  return {
    federationId: cleanText(federationId, MAX_HOST_WORD),
    callbackUrl: cleanText(callbackUrl, MAX_HOST_WORD),
    services: Object.fromEntries(clean) as HostServices,
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return shown.href.replace(/\/+$/, '')
}
