/** The operator's hand on users and on what runs for them. */
import { defined } from '../../core/defined.ts'
import type { UserData } from '../../storage/user-data.ts'
import type { QueryControl, RunningQuery, UserControl } from '../api/node-control.ts'
import type { UserBatches } from '../files/user-batches.ts'
import type { Accounting } from '../query/accounting.ts'
import type { UserResponses } from '../query/user-responses.ts'
import type { HouseUsers } from '../users/house-users.ts'
import type { RunningEntry, RunningQueries } from '../users/running-queries.ts'

/** Queries that one list holds: more than a person reads, and some hundred kB as JSON. */
export const MAX_LISTED_QUERIES = 1_000

export interface UserControlComponents {
  readonly data: Pick<UserData, 'listUsers' | 'export' | 'erase'> & {
    readonly users: Pick<UserData['users'], 'update'>
  }
  readonly users: HouseUsers
  readonly running: Pick<RunningQueries, 'all'>
  /** Told of users who changed. */
  readonly accounting: Pick<Accounting, 'forget'>
  /** Holds answers of users in memory too. */
  readonly responses: Pick<UserResponses, 'forgetUser'>
  readonly batches: Pick<UserBatches, 'forgetUser'>
}

export function userControl(components: UserControlComponents): UserControl {
  const { data, users, accounting, responses, batches } = components
  return {
    list: async () => {
      const { users: listed, total } = await data.listUsers()
      return { users: listed.map((user) => ({ ...user, handle: users.handleOf(user.guid) })), total }
    },
    export: (who) => data.export(users.guidOf(who)),
    erase: async (who) => {
      const guid = users.guidOf(who)
      responses.forgetUser(guid)
      batches.forgetUser(guid)
      const erased = await data.erase(guid)
      accounting.forget(guid)
      users.noteErased(guid)
      return erased
    },
    settings: async (who, { history }) => {
      const guid = users.guidOf(who)
      const account = await data.users.update(guid, { history })
      accounting.forget(guid)
      return { history: account.history }
    },
    ban: (who) => users.ban(who),
    unban: (who) => users.unban(who),
    sysop: (who, on) => users.setSysop(who, on),
    history: (who, page) => users.history(who, page),
    credit: (who, credit) => users.credit(who, credit),
  }
}

export function queryControl({ users, running }: Pick<UserControlComponents, 'users' | 'running'>): QueryControl {
  return {
    list: () => {
      const listed: RunningQuery[] = []
      for (const entry of running.all()) {
        if (listed.length >= MAX_LISTED_QUERIES) break
        listed.push(runningQuery(entry, users.handleOf(entry.query.user)))
      }
      return listed
    },
    terminate: (which) => users.terminate(which),
  }
}

function runningQuery({ query, since, servedBy }: RunningEntry, user: string): RunningQuery {
  const { id, type, realm, model } = query
  const state = servedBy === undefined ? 'waiting' : 'running'
  return { id, user, type, realm, model, since, state, ...defined({ node: servedBy }) }
}
