/** The room of the own queries: how one is taken in and sent on its way, and what is kept of it. */
import { existsSync } from 'node:fs'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { QueriesById } from '../query/queries-by-id.ts'
import type { QueryIntakeComponents } from '../query/query-intake.ts'
import type { QueryRunComponents } from '../query/query-run.ts'
import { signOwnParts } from '../realm/served-part.ts'
import { QueryLog } from '../route/query-log.ts'
import type { NodeBasics } from './basics.ts'
import type { RealmRoom } from './realms.ts'
import type { RoutingRoom } from './routing.ts'
import type { UserRoom } from './user-data.ts'

export interface QueryRoom extends QueryRunComponents {
  readonly intake: QueryIntakeComponents
  readonly byId: QueriesById
  /** Signs this node's own parts of a receipt. */
  readonly signOwnParts: (receipt: RouteReceipt) => RouteReceipt
}

export interface QueryRoomComponents {
  readonly users: UserRoom
  readonly realms: RealmRoom
  readonly routing: RoutingRoom
}

export function composeQueries(
  { config, home, keys, clock, log }: NodeBasics,
  { users, realms, routing }: QueryRoomComponents,
): QueryRoom {
  return {
    intake: {
      realms: realms.realms,
      scope: () => config().node.scope,
      consented: () => config().node.scope === 'public' || existsSync(home.publicConsent),
    },
    route: routing.route,
    byId: new QueriesById(),
    accounting: users.accounting,
    signOwnParts: (receipt) => signOwnParts(receipt, keys.peerId, keys.signer),
    clock,
    log: new QueryLog(log),
  }
}
