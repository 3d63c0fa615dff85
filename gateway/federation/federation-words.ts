/** What the paths of `/api/federation` say, in RENT-A-HAL's words; ours stand beside them. Pure. */
import { defined } from '../../core/defined.ts'
import { type ErrorCode, toRealmeshError } from '../../core/realmesh-error.ts'
import type { Federation, HostServices, HostView, NotedHost, ToldHost } from '../../node/api/federation.ts'
import { type HttpProblem, spoken } from '../request/errors.ts'

/** Types of query that RENT-A-HAL's hosts know, as `join` names them. */
const REALM_TYPES = ['chat', 'vision', 'imagine']

/** `GET /status`. No sockets are counted here: connections are 0. */
export function statusWords(federation: Federation, { realms, models, slots }: HostView, version: string): object {
  const queries = sum(realms.map(({ processed }) => processed))
  const errors = sum(realms.map((realm) => realm.errors))
  const seconds = sum(realms.map(({ processed, avgProcessingTime }) => processed * avgProcessingTime))
  return {
    federation_id: federation.id,
    total_realms: realms.length,
    realms: realms.map((realm) => ({
      name: realm.name,
      primary_type: realm.type,
      workers: realm.workers,
      connections: 0,
      queries_processed: realm.processed,
      error_rate: rate(realm.errors, realm.processed + realm.errors),
    })),
    federation_metrics: {
      total_queries: queries,
      total_errors: errors,
      error_rate: rate(errors, queries + errors),
      total_connections: 0,
      avg_processing_time: rate(seconds, queries),
    },
    realmesh: {
      version,
      slots,
      models: models.map(({ name, types, contextLength }) => ({
        ...{ name, types },
        ...defined({ context_length: contextLength }),
      })),
    },
  }
}

/** `POST /join` of a listed host. */
export function joinedWords({ id, callbackUrl }: Federation): object {
  return { status: 'accepted', federation_id: id, callback_url: callbackUrl, realm_types: REALM_TYPES }
}

/** `POST /join` and `/advertise` of one that is not listed. */
export function notedWords({ id }: Federation): object {
  const message = 'noted for the owner of this federation, who has not listed this host'
  return { status: 'pending', federation_id: id, code: 'unauthorized', message }
}

/** `GET /discover`. */
export function nodesWords(nodes: readonly ToldHost[]): object {
  return {
    nodes: nodes.map(({ federationId, callbackUrl, services }) => ({
      federation_id: federationId,
      callback_url: callbackUrl,
      services: serviceWords(services),
    })),
  }
}

/** What the owner is told of hosts that are not listed. */
export function notedHosts(hosts: readonly NotedHost[]): readonly object[] {
  return hosts.map(({ federationId, callbackUrl, services, from, at }) => ({
    ...{ federation_id: federationId, callback_url: callbackUrl, services: serviceWords(services), from },
    heard: new Date(at).toISOString(),
  }))
}

function serviceWords(services: HostServices): object {
  const rows = Object.entries(services)
  return Object.fromEntries(
    rows.map(([type, { realm, workers }]) => [type, { primary_realm: realm, worker_count: workers }]),
  )
}

/** Refusals for which HTTP has a status: who asks, and how much. All others are told with 200, as RENT-A-HAL does. */
const OF_HTTP: ReadonlySet<ErrorCode> = new Set([
  ...(['UNAUTHORIZED', 'FORBIDDEN', 'SHARE_REFUSED', 'USER_BANNED'] as const),
  ...(['REALM_OVERLOADED', 'PROMPT_TOO_LARGE', 'NODE_LIMIT', 'DRAINING'] as const),
])

/** Whether an error keeps its HTTP status. */
export function isOfHttp(thrown: unknown): boolean {
  return OF_HTTP.has(toRealmeshError(thrown).code)
}

/** Codes for which RENT-A-HAL says that there is no route. */
const NO_ROUTE: ReadonlySet<string> = new Set(['no_worker', 'realm_not_found', 'model_not_found'])

/** `POST /route` that failed; `code` is ours, in capitals, for hosts that know it. */
export function failedWords({ id }: Federation, problem: HttpProblem, code: ErrorCode): object {
  if (NO_ROUTE.has(problem.code)) {
    return { error: 'No route found for query type', federation_id: id, code, message: problem.message }
  }
  return { status: 'error', error: spoken(problem), federation_id: id, code }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
