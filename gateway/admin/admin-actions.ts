/**
 * Every admin route: `POST /api/admin/<name>` with a JSON object. One row each. Everything is a POST, what only reads
 * too: a GUID must not stand in an address, and no page of another origin can send JSON without asking first.
 */

import { Readable } from 'node:stream'
import type { z } from 'zod'
import { checkValue } from '../../core/check-value.ts'
import type { NodeControl } from '../../node/api/node-control.ts'
import type { KeyUsage } from '../allowance/allowance.ts'
import * as bodies from './admin-bodies.ts'
import { exportText } from './export-text.ts'

/** What the operator may do: with the node, and with the keys of the gateway in front of it. */
export interface OperatorActs extends NodeControl {
  readonly keys: {
    /** Reads the API keys again; they are in force from the next request on. Throws what is wrong with their file. */
    reload(): Promise<KeysReport>
    /** What the keys with limits have used, by the user that each makes. */
    usage(): Readonly<Record<string, KeyUsage>>
  }
}

export interface KeysReport {
  /** How many there are. */
  readonly keys: number
  /** The file that they were read from. */
  readonly file: string
}

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
  reload: action(bodies.nothing, (control) => control.reload()),
  'keys/reload': action(bodies.nothing, ({ keys }) => keys.reload()),
  'keys/usage': action(bodies.nothing, ({ keys }) => ({ users: keys.usage() })),
  backup: action(bodies.folder, (control, { directory }) => control.backup(directory)),

  'workers/list': action(bodies.nothing, ({ workers }) => ({ workers: workers.list() })),
  'workers/add': action(bodies.worker, ({ workers }, { worker }) => workers.add(worker)),
  'workers/change': action(bodies.worker, ({ workers }, { worker }) => workers.change(worker)),
  'workers/drain': action(bodies.named, ({ workers }, { name }) => workers.drain(name)),
  'workers/undrain': action(bodies.named, ({ workers }, { name }) => workers.undrain(name)),
  'workers/remove': action(bodies.named, ({ workers }, { name }) => workers.remove(name)),

  'realms/set': action(bodies.realm, ({ realms }, { name, realm }) => realms.set(name, realm)),
  'realms/remove': action(bodies.named, ({ realms }, { name }) => realms.remove(name)),

  'invitations/create': action(bodies.invitation, ({ invitations }, options) => invitations.create(options)),
  'invitations/list': action(bodies.nothing, ({ invitations }) => ({ invitations: invitations.list() })),
  'invitations/revoke': action(bodies.namedInvitation, ({ invitations }, { id }) => invitations.revoke(id)),
  'invitations/join': action(bodies.followedInvitation, ({ invitations }, { text }) => invitations.join(text)),

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
}
