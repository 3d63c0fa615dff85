/** The room of the hosts of other federations: who they are, what they are told, and the door for their queries. */

import type { RealmeshConfig } from '../../config/config.ts'
import type { HostConfig } from '../../config/schema/host-schema.ts'
import { defined } from '../../core/defined.ts'
import type { Startable } from '../../core/run/startable.ts'
import { Turns } from '../../core/run/turns.ts'
import { shownAddress } from '../../engines/http/engine-access.ts'
import { HostClient, type HostGreeting } from '../../engines/rentahal-host/host-client.ts'
import { SIMULATED_HOST, SIMULATED_NAME } from '../../engines/rentahal-host/simulated-host.ts'
import type { Federation, HostView } from '../api/federation.ts'
import type { NodeBasics } from '../compose/basics.ts'
import type { RealmRoom } from '../compose/realms.ts'
import type { UserRoom } from '../compose/user-data.ts'
import type { WorkerRoom } from '../compose/workers.ts'
import { readHostToken } from '../roster/host-plan.ts'
import { QueryLog } from '../route/query-log.ts'
import { TurnSigner } from '../serve/turn-signer.ts'
import { HostBook } from './host-book.ts'
import { HostContact } from './host-contact.ts'
import { HostQueries } from './host-queries.ts'
import { hostView, servicesOf } from './host-view.ts'

export interface FederationRoomComponents {
  readonly users: UserRoom
  readonly workers: WorkerRoom
  readonly realms: RealmRoom
}

export class FederationRoom implements Startable {
  readonly federation: Federation
  readonly #basics: NodeBasics
  readonly #book: HostBook
  readonly #view: (asker: Parameters<Federation['view']>[0]) => HostView
  readonly #turns = new Turns()
  #contacts: readonly HostContact[] = []
  #running = false

  constructor(basics: NodeBasics, { users, workers, realms }: FederationRoomComponents) {
    this.#basics = basics
    const { config, clock, log, keys } = basics
    const book = new HostBook(basics)
    this.#book = book
    const share = () => config().node.share
    this.#view = (asker) => hostView({ realms: realms.realms, pool: workers.pool, share }, asker)
    const { federationId } = config()
    const queries = new HostQueries(
      {
        realms: realms.realms,
        accounting: users.accounting,
        turns: new TurnSigner(keys.signer),
        log: new QueryLog(log),
        users: users.users,
        running: users.running,
        ...{ book, share, clock },
      },
      { federationId, self: keys.peerId },
    )
    this.federation = {
      id: federationId,
      get callbackUrl() {
        return greetingOf(config()).callback_url
      },
      hostOf: (hash) => book.byToken(hash),
      view: this.#view,
      heard: (host, told) => book.heard(host, told),
      note: (told, from) => book.note(told, from),
      others: (host) => book.others(host),
      noted: () => book.noted(),
      route: (host, query, options) => queries.accept(host, query, options),
    }
  }

  /** Reads the tokens of the hosts, so that the first that asks is known. */
  async readTokens(): Promise<void> {
    await this.#book.list(this.#basics.config().hosts)
  }

  /** Begins to tell the hosts of this node. */
  async start(): Promise<void> {
    this.#running = true
    await this.#turns.take(() => this.#follow(this.#basics.config()))
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#turns.take(() => this.#stopAll())
  }

  /** The configuration is another: who is listed follows. */
  async follow(config: RealmeshConfig): Promise<void> {
    await this.#turns.take(() => this.#follow(config))
  }

  /** What the operator should know, one line each. */
  warnings(): readonly string[] {
    const noted = this.#book.noted().length
    return [
      ...(this.#basics.config().discovery.mockFederation
        ? ['mock_federation is on: a simulated host answers where nothing else does']
        : []),
      ...(noted === 0
        ? []
        : [`${noted} hosts were heard of that federation_hosts does not list: /api/federation/status has them`]),
    ]
  }

  async #follow(config: RealmeshConfig): Promise<void> {
    await this.#book.list(config.hosts)
    await this.#stopAll()
    if (!this.#running) return
    const hosts = config.hosts.filter(({ asked }) => asked)
    const simulated = config.discovery.mockFederation ? [this.#contact(config)] : []
    const real = hosts.map(async (host) => this.#contact(config, host, await tokenOf(host)))
    this.#contacts = [...(await Promise.all(real)), ...simulated]
    for (const contact of this.#contacts) contact.start()
  }

  async #stopAll(): Promise<void> {
    const contacts = this.#contacts
    this.#contacts = []
    await Promise.all(contacts.map((contact) => contact.stop()))
  }

  /** Without a host: the simulated one. */
  #contact(config: RealmeshConfig, host?: HostConfig, apiKey?: string): HostContact {
    const { clock, log } = this.#basics
    const { name, url, relation } = host ?? { name: SIMULATED_NAME, url: SIMULATED_HOST, relation: 'home' }
    return new HostContact(
      {
        client:
          host === undefined
            ? undefined
            : new HostClient({ url, ...defined({ apiKey, federationId: host.federationId }) }),
        ...{ clock, log, random: Math.random },
        greeting: () => greetingOf(config),
        services: () => servicesOf(this.#view(relation)),
        onState: (federationId) => this.#book.learn(name, federationId),
        onDiscovered: (told) => this.#book.note(told, name),
      },
      { name, url: shownAddress(url), intervalMs: () => config.discovery.advertiseIntervalMs },
    )
  }
}

/** A token that cannot be read is told where its worker is. */
async function tokenOf({ tokenFile }: HostConfig): Promise<string | undefined> {
  return tokenFile === undefined ? undefined : await readHostToken(tokenFile).catch(() => undefined)
}

function greetingOf({ federationId, federationCallbackUrl, node }: RealmeshConfig): HostGreeting {
  const { host, port } = node.http
  return { federation_id: federationId, callback_url: federationCallbackUrl ?? `http://${host}:${port}` }
}
