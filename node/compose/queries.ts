/** The room of the own queries: how one is taken in and sent on its way, and what is kept of it. */
import { existsSync } from 'node:fs'
import { UserBatches } from '../files/user-batches.ts'
import { UserFiles } from '../files/user-files.ts'
import { QueriesById } from '../query/queries-by-id.ts'
import type { QueryIntakeComponents } from '../query/query-intake.ts'
import type { QueryRunComponents } from '../query/query-run.ts'
import { UserResponses } from '../query/user-responses.ts'
import type { ReceiptProofs } from '../receipt/receipt-proofs.ts'
import { QueryLog } from '../route/query-log.ts'
import type { HouseUsers } from '../users/house-users.ts'
import type { NodeBasics } from './basics.ts'
import type { RealmRoom } from './realms.ts'
import type { RoutingRoom } from './routing.ts'
import type { UserRoom } from './user-data.ts'

export interface QueryRoom extends QueryRunComponents {
  readonly users: HouseUsers
  readonly intake: QueryIntakeComponents
  readonly byId: QueriesById
  readonly proofs: ReceiptProofs
  readonly responses: UserResponses
  readonly files: UserFiles
  readonly batches: UserBatches
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
    users: users.users,
    running: users.running,
    proofs: routing.proofs,
    responses: new UserResponses({ data: users.data, clock, log }, { self: keys.peerId }),
    files: new UserFiles({ data: users.data, clock }),
    batches: new UserBatches({ data: users.data }),
    clock,
    log: new QueryLog(log),
  }
}
