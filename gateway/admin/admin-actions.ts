/**
 * Every admin route: `POST /api/admin/<name>` with a JSON object. One row each. Everything is a POST, what only reads
 * too: a GUID must not stand in an address, and no page of another origin can send JSON without asking first.
 */

import { Readable } from 'node:stream'
import type { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import { defined } from '../../core/defined.ts'
import type { PastQueries } from '../../node/api/known-users.ts'
import type { NewCredit, WhichQueries } from '../../node/api/node-control.ts'
import * as bodies from './admin-bodies.ts'
import { exportText } from './export-text.ts'
import type { OperatorActs } from './operator-acts.ts'

/** Checks the body, then acts. What it gives is the answer; nothing is `{}`. */
export interface AdminAction {
  (control: OperatorActs, body: unknown): unknown
  /** The form of its body. */
  readonly body: z.ZodType
}

function action<T>(schema: z.ZodType<T>, run: (control: OperatorActs, body: T) => unknown): AdminAction {
  return Object.assign((control: OperatorActs, body: unknown) => run(control, checkValue(schema, body)), {
    body: schema,
  })
}

export const ADMIN_ACTIONS: Readonly<Record<string, AdminAction>> = {
  pause: action(bodies.pause, (control, { ms }) => control.pause(ms)),
  resume: action(bodies.nothing, (control) => control.resume()),
  'node/drain': action(bodies.nothing, ({ node }) => node.drain()),
  'node/undrain': action(bodies.nothing, ({ node }) => node.undrain()),
  backup: action(bodies.folder, (control, { directory }) => control.backup(directory)),

  'config/get': action(bodies.configPath, ({ config }, { path }) => config.get(path)),
  'config/set': action(bodies.configValue, ({ config }, { path, value }) => config.set(path, value)),
  'config/validate': action(bodies.configText, ({ config }, { text }) => config.validate(text)),
  'config/diff': action(bodies.nothing, ({ config }) => config.diff()),
  'config/reload': action(bodies.nothing, ({ config }) => config.reload()),

  'keys/list': action(bodies.nothing, async ({ keys }) => ({ keys: await keys.list() })),
  'keys/add': action(bodies.keyWish, ({ keys }, { key }) => keys.add(key)),
  'keys/change': action(bodies.keyChange, ({ keys }, { name, changes }) => keys.change(name, changes)),
  'keys/remove': action(bodies.named, ({ keys }, { name }) => keys.remove(name)),
  'keys/reload': action(bodies.nothing, ({ keys }) => keys.reload()),
  'keys/usage': action(bodies.nothing, ({ keys }) => ({ users: keys.usage() })),

  'workers/list': action(bodies.nothing, ({ workers }) => ({ workers: workers.list() })),
  'workers/add': action(bodies.worker, ({ workers }, { worker, ...how }) => workers.add(worker, how)),
  'workers/change': action(bodies.worker, ({ workers }, { worker, ...how }) => workers.change(worker, how)),
  'workers/drain': action(bodies.named, ({ workers }, { name }) => workers.drain(name)),
  'workers/undrain': action(bodies.named, ({ workers }, { name }) => workers.undrain(name)),
  'workers/remove': action(bodies.removed, ({ workers }, { name, ...how }) => workers.remove(name, how)),
  'workers/test': action(bodies.tested, ({ workers }, { name, worker }) => workers.test(name ?? worker)),

  'engines/list': action(bodies.nothing, ({ engines }) => engines.list()),
  'engines/look': action(bodies.nothing, ({ engines }) => engines.look()),

  'realms/set': action(bodies.realm, ({ realms }, { name, realm, ...how }) => realms.set(name, realm, how)),
  'realms/change': action(bodies.realmChanges, ({ realms }, { name, changes, ...how }) =>
    realms.change(name, changes, how),
  ),
  'realms/remove': action(bodies.removed, ({ realms }, { name, ...how }) => realms.remove(name, how)),

  'pools/list': action(bodies.nothing, ({ pools }) => ({ pools: pools.list() })),
  'pools/set': action(bodies.poolSet, ({ pools }, { realm, name, pool, ...how }) => pools.set(realm, name, pool, how)),
  'pools/remove': action(bodies.poolNamed, ({ pools }, { realm, name, ...how }) => pools.remove(realm, name, how)),
  'pools/join': action(bodies.poolMember, ({ pools }, { realm, name, worker, ...how }) =>
    pools.join(realm, name, worker, how),
  ),
  'pools/leave': action(bodies.poolMember, ({ pools }, { realm, name, worker, ...how }) =>
    pools.leave(realm, name, worker, how),
  ),

  'peers/list': action(bodies.nothing, ({ peers }) => peers.list()),
  'peers/block': action(bodies.peer, ({ peers }, { peer, ...how }) => peers.block(peer, how)),
  'peers/unblock': action(bodies.peer, ({ peers }, { peer, ...how }) => peers.unblock(peer, how)),
  'peers/friend': action(bodies.friend, ({ peers }, { lasts, ...friend }) => peers.friend(defined(friend), { lasts })),
  'peers/unfriend': action(bodies.friend, ({ peers }, { lasts, until: _until, ...friend }) =>
    peers.unfriend(defined(friend), { lasts }),
  ),
  'peers/name': action(bodies.peerName, ({ peers }, { peer, name, ...how }) =>
    peers.name(peer, name ?? undefined, how),
  ),

  'invitations/create': action(bodies.invitation, ({ invitations }, options) => invitations.create(options)),
  'invitations/list': action(bodies.nothing, ({ invitations }) => ({ invitations: invitations.list() })),
  'invitations/revoke': action(bodies.namedInvitation, async ({ invitations }, { id }) => ({
    revoked: await invitations.revoke(id),
  })),
  'invitations/join': action(bodies.followedInvitation, ({ invitations }, { text }) => invitations.join(text)),

  'pairings/list': action(bodies.nothing, ({ pairings }) => ({ pairings: pairings.list() })),
  'pairings/begin': action(bodies.pairing, ({ pairings }, { peer, kind }) => pairings.begin(peer, kind)),
  'pairings/answer': action(bodies.pairingAnswer, ({ pairings }, { peer, digits }) => pairings.answer(peer, digits)),
  'pairings/wait': action(bodies.pairingSeen, ({ pairings }, { peer, state }) => pairings.wait(peer, state)),

  'shards/status': action(bodies.nothing, ({ shards }) => shards.status()),
  'shards/add': action(bodies.shard, ({ shards }, shard) => shards.add(shard)),
  'shards/drain': action(bodies.named, ({ shards }, { name }) => shards.drain(name)),
  'shards/rebalance': action(bodies.shardNames, ({ shards }, { names }) => shards.rebalance(names)),
  'shards/repair': action(bodies.named, ({ shards }, { name }) => shards.repair(name)),
  'shards/verify': action(bodies.nothing, async ({ shards }) => ({ shards: await shards.verify() })),

  'users/list': action(bodies.nothing, ({ users }) => users.list()),
  'users/export': action(bodies.user, async ({ users }, { guid }) => {
    return Readable.from(exportText(await users.export(guid)))
  }),
  'users/erase': action(bodies.user, ({ users }, { guid }) => users.erase(guid)),
  'users/settings': action(bodies.userSettings, ({ users }, { guid, ...changes }) => users.settings(guid, changes)),
  'users/ban': action(bodies.user, ({ users }, { guid }) => users.ban(guid)),
  'users/unban': action(bodies.user, ({ users }, { guid }) => users.unban(guid)),
  'users/sysop': action(bodies.userSysop, ({ users }, { guid, on }) => users.sysop(guid, on)),
  'users/history': action(bodies.userHistory, async ({ users }, { guid, ...page }) => ({
    queries: await users.history(guid, defined(page) as PastQueries),
  })),
  'users/credit': action(bodies.userCredit, ({ users }, { guid, ...credit }) =>
    users.credit(guid, defined(credit) as NewCredit),
  ),

  'queries/list': action(bodies.nothing, ({ queries }) => ({ queries: queries.list() })),
  'queries/terminate': action(bodies.whichQueries, ({ queries }, which) => ({
    terminated: queries.terminate(defined(which) as WhichQueries),
  })),
}
