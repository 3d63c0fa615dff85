/**
 * RENT-A-HAL's own paths for realms, `/api/admin/realms`, in its shapes: its mistakes are answered with status 200 and
 * `error`, ours as everywhere. Beside its members stand ours: a stable `code`, and how long a change lasts.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type { Changed } from '../../node/api/changes.ts'
import type { NodeApi, RealmStatus } from '../../node/api/node-api.ts'
import type { OperatorActs } from './operator-acts.ts'

type Realms = Pick<OperatorActs, 'realms'>

/** Longer than any name of a realm, so that what is wrong with it is told by what checks names. */
const text = z.string().max(256)

/** `config` is in the form of realms.yml. What is missing is told in RENT-A-HAL's words. */
export const newRealm = z.looseObject({
  name: text.optional(),
  primary_query_type: text.optional(),
  config: z.looseObject({}).nullish(),
})

export const changedRealm = z.looseObject({
  primary_query_type: text.nullish(),
  config: z.looseObject({}).nullish(),
})

/**
 * Registers the list on `app`, whose prefix is `/api`: it is for everyone who may ask for the status. `connections`:
 * how many sockets of users are in a realm.
 */
export function realmListRoute(
  app: FastifyInstance,
  node: Pick<NodeApi, 'status'>,
  connections: (realm: string) => number,
): void {
  app.get('/admin/realms', () => ({
    realms: node.status().realms.map((realm) => listed(realm, connections(realm.name))),
  }))
}

/** Registers what changes realms on `app`, whose prefix is `/api/admin` and whose door lets in the operator only. */
export function realmChangeRoutes(app: FastifyInstance, { realms }: Realms): void {
  app.post('/realms', async ({ body }) => {
    const { name, primary_query_type, config } = checkValue(newRealm, body)
    if (!name || !primary_query_type) return mistake('BAD_REQUEST', 'Missing required fields')
    if (isThere(realms, name)) return mistake('CONFIG_INVALID', 'Realm already exists')
    return done(name, await realms.set(name, { ...config, primary_query_type }))
  })
  app.put('/realms/:name', async (request: FastifyRequest<{ Params: { name: string } }>) => {
    const { name } = request.params
    const { primary_query_type, config } = checkValue(changedRealm, request.body)
    if (!isThere(realms, name)) return mistake('REALM_NOT_FOUND', 'Realm does not exist')
    const type = primary_query_type ? { primary_query_type } : {}
    return done(name, await realms.change(name, { ...config, ...type }))
  })
  app.delete('/realms/:name', async (request: FastifyRequest<{ Params: { name: string } }>) => {
    const { name } = request.params
    const realm = realms.list().find((each) => each.name === name)
    if (realm === undefined) return mistake('REALM_NOT_FOUND', 'Realm does not exist')
    if (realm.primary) {
      const type = realm.primaryQueryType
      return mistake('CONFIG_INVALID', `Cannot delete realm ${name} as it is the primary realm for ${type}`)
    }
    return { status: 'success', ...(await realms.remove(name)) }
  })
}

function isThere(realms: Realms['realms'], name: string): boolean {
  return realms.list().some((realm) => realm.name === name)
}

function done(realm: string, changed: Changed) {
  return { status: 'success', realm, ...changed }
}

/** As RENT-A-HAL says that something was asked for wrongly. */
function mistake(code: ErrorCode, error: string) {
  return { error, code: code.toLowerCase() }
}

function listed(realm: RealmStatus, connections: number) {
  return {
    name: realm.name,
    primary_query_type: realm.primaryQueryType,
    // The built-in guide answers where nothing else does; it is no worker that anybody set up.
    workers: Object.keys(realm.utilization).length,
    pools: realm.pools,
    metrics: metricsOf(realm, connections),
  }
}

function metricsOf(realm: RealmStatus, connections: number) {
  const { processedQueries, errorCount, crossRealm } = realm
  if (processedQueries + errorCount + crossRealm + connections === 0) return {}
  return {
    queries_processed: processedQueries,
    errors: errorCount,
    processing_times: realm.processingTimes,
    worker_utilization: realm.utilization,
    connection_count: connections,
    cross_realm_requests: crossRealm,
  }
}
