/**
 * The door for queries of hosts of other federations: what a host is to this node is known by its token, and what it
 * may have is decided as for a peer, before anything runs.
 */
import { randomUUID } from 'node:crypto'
import { chatLength, contentBytes } from '../../core/query/chat-text.ts'
import { QUERY_ID, type Query, type QueryType } from '../../core/query/query.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { relayedRun } from '../../core/run/relayed-run.ts'
import { type Scope, scopeReaches } from '../../core/scope.ts'
import { type AcceptedHostQuery, type HostQuery, type KnownHost, MAX_VIA } from '../api/federation.ts'
import type { RealmRegistry } from '../realm/realm-registry.ts'
import { PEER_RETRY_MS, PeerAllowance } from '../serve/peer-allowance.ts'
import type { HostBook } from './host-book.ts'
import { HostQueryRun, type HostQueryRunComponents } from './host-query-run.ts'

export interface HostQueriesComponents extends Omit<HostQueryRunComponents, 'realms'> {
  readonly realms: HostQueryRunComponents['realms'] & Pick<RealmRegistry, 'forType' | 'limitsFor'>
  readonly book: Pick<HostBook, 'realmsOf' | 'named'>
  /** Whose queries this node serves now. */
  readonly share: () => Scope
}

export interface HostQueriesInit {
  /** What this federation calls itself. */
  readonly federationId: string
  /** This node's peer id. */
  readonly self: string
}

/** The user as whom a host's queries are counted; no cookie and no key can say such a name. */
export function hostUser({ name }: KnownHost): string {
  return `federation:${name}`
}

export class HostQueries {
  readonly #components: HostQueriesComponents
  readonly #init: HostQueriesInit
  readonly #allowance = new PeerAllowance()
  /** Ids of the queries that run: one that comes again has gone round. */
  readonly #running = new Set<string>()

  constructor(components: HostQueriesComponents, init: HostQueriesInit) {
    this.#components = components
    this.#init = init
  }

  /** As `Federation.route` has it. */
  accept(
    host: KnownHost,
    asked: HostQuery,
    { signal }: { readonly signal: Parameters<RealmRegistry['run']>[1]['signal'] },
  ): AcceptedHostQuery {
    const { realms, book } = this.#components
    const id = asked.id ?? randomUUID()
    if (!QUERY_ID.test(id)) throw new RealmeshError('BAD_REQUEST', 'the id of the query is none')
    this.#assertNew(id, asked)
    this.#assertShared(host, asked)
    const type = typeOf(asked)
    const realm = realms.forType(type).config.name
    const named = book.realmsOf(host)
    const limits = realms.limitsFor({ realm, type }, host.relation)
    if (limits === undefined || (named.length > 0 && !named.includes(realm))) {
      throw new RealmeshError('REALM_NOT_FOUND', `this host may not ask for ${type} here`)
    }
    const { model, body, trace } = asked
    const user = hostUser(host)
    const query = {
      ...{ id, type, realm, model, body, user, origin: host.name },
      ...{ scope: 'local', hopsLeft: 0 },
      ...(trace !== undefined && { trace }),
    } as Query
    const { federationId, self } = this.#init
    const run = new HostQueryRun(this.#components, {
      ...{ query, host, limits, self, signal },
      way: { via: [...asked.via, federationId], hopsLeft: asked.hopsLeft },
      exclude: new Set([host.name, ...book.named(asked.via)]),
      onBegun: () => this.#begin(id),
      onEnded: () => this.#running.delete(id),
    })
    return { id, events: relayedRun(run) }
  }

  #begin(id: string): void {
    if (this.#running.has(id)) throw goneRound()
    this.#running.add(id)
  }

  /** A query that passes this federation a second time would pass it for ever. */
  #assertNew(id: string, { via }: HostQuery): void {
    if (via.length >= MAX_VIA) throw new RealmeshError('BAD_REQUEST', `the query has passed ${via.length} federations`)
    if (this.#running.has(id) || via.includes(this.#init.federationId)) throw goneRound()
  }

  #assertShared(host: KnownHost, { body }: HostQuery): void {
    const share = this.#components.share()
    if (!scopeReaches(share, host.relation)) {
      throw new RealmeshError(
        'SHARE_REFUSED',
        `this node serves scope ${share} only, and this host is ${host.relation}`,
        {
          fix: 'ask its owner to widen node.share, or to change the relation of this host',
        },
      )
    }
    if (host.relation === 'home') return
    if (!this.#allowance.take(host.name, contentBytes(body), this.#components.clock.monotonic())) {
      throw new RealmeshError('REALM_OVERLOADED', 'this node takes no more queries from this host at the moment', {
        retryAfterMs: PEER_RETRY_MS,
        fix: 'ask fewer at once',
      })
    }
  }
}

function typeOf({ type, body }: HostQuery): QueryType {
  if (type !== 'chat') return type
  return chatLength(body).images > 0 ? 'vision' : 'chat'
}

function goneRound(): RealmeshError {
  return new RealmeshError('PROTOCOL_ERROR', 'this query has been here already', {
    fix: 'look which hosts hand queries on in a circle; discovery.federation_hops bounds it',
  })
}
